// aws.wafv2.WebAcl: rules of managed groups and of rates. Other statements, labels and custom responses are not supported.
// The emulator keeps the configuration; it blocks nothing.

import type { Rule, WebACL } from "@aws-sdk/client-wafv2";
import { resourceHandler } from "../../handler.ts";
import { flag, number, object, set, text, type ValueOf, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["WAFNonexistentItemException"];
const WINDOWS = [60, 120, 300, 600] as const;
const mark = object({});

const visibility = object(
  {
    cloudwatchMetricsEnabled: flag({ required: true }),
    metricName: text({ required: true }),
    sampledRequestsEnabled: flag({ required: true }),
  },
  { required: true },
);

const rule = object({
  name: text({ required: true }),
  priority: number({ required: true }),
  action: object({ allow: mark, block: mark, count: mark }),
  overrideAction: object({ count: mark, none: mark }),
  statement: object(
    {
      managedRuleGroupStatement: object({
        name: text({ required: true }),
        vendorName: text({ required: true }),
      }),
      rateBasedStatement: object({
        aggregateKeyType: text({ required: true, oneOf: ["IP"] }),
        evaluationWindowSec: number({ default: 300 }),
        limit: number({ required: true, minimum: 10 }),
      }),
    },
    { required: true },
  ),
  visibilityConfig: visibility,
});

const inputs = {
  name: text({ replace: true, name: { maxLength: 128 } }),
  description: text(),
  scope: text({ required: true, replace: true, oneOf: ["CLOUDFRONT", "REGIONAL"] }),
  defaultAction: object({ allow: mark, block: mark }, { required: true }),
  rules: set(rule),
  visibilityConfig: visibility,
  ...regional,
  ...tagged,
} as const;

export const webAcl = resourceHandler<AwsSession>()({
  inputs,
  outputs: { ...taggedOutputs, capacity: number(), lockToken: text() },
  stables: ["arn"],

  async observe(id, known, session) {
    const waf = await session.client("wafv2");
    const { name: Name, scope: Scope } = known;
    const found = await unless(ABSENT, waf.getWebACL({ Id: id, Name, Scope }));
    const acl = found?.WebACL;
    if (!acl) return undefined;
    const tags = await waf.listTagsForResource({ ResourceARN: acl.ARN });
    return {
      arn: acl.ARN,
      capacity: acl.Capacity ?? 0,
      lockToken: found.LockToken,
      name: acl.Name,
      description: acl.Description || undefined,
      scope: Scope,
      region: session.region,
      defaultAction: { allow: acl.DefaultAction?.Allow && {}, block: acl.DefaultAction?.Block && {} },
      rules: acl.Rules?.map(fromRule),
      visibilityConfig: fromVisibility(acl.VisibilityConfig),
      ...tagOutputs(tags.TagInfoForResource?.TagList),
    };
  },

  async create(desired, session) {
    const waf = await session.client("wafv2");
    const Tags = tagList(desired.tags);
    const { Summary } = await waf.createWebACL({
      ...toAcl(desired),
      ...(Tags.length > 0 && { Tags }),
    });
    return Summary?.Id ?? "";
  },

  async sync(id, desired, observed, session) {
    const waf = await session.client("wafv2");
    await waf.updateWebACL({ Id: id, LockToken: observed.lockToken, ...toAcl(desired) });
    const tags = tagChanges(observed.tags, desired.tags);
    const ResourceARN = observed.arn;
    if (tags?.remove.length) await waf.untagResource({ ResourceARN, TagKeys: tags.remove });
    if (tags?.set.length) await waf.tagResource({ ResourceARN, Tags: tags.set });
  },

  async delete(id, known, session) {
    const waf = await session.client("wafv2");
    const which = { Id: id, Name: known.name, Scope: known.scope };
    const found = await unless(ABSENT, waf.getWebACL(which));
    if (found) await unless(ABSENT, waf.deleteWebACL({ ...which, LockToken: found.LockToken }));
  },
});

function toAcl(from: ValuesOf<typeof inputs>) {
  return {
    Name: from.name,
    Description: from.description,
    Scope: from.scope,
    DefaultAction: { Allow: from.defaultAction.allow, Block: from.defaultAction.block },
    Rules: from.rules?.map(toRule),
    VisibilityConfig: toVisibility(from.visibilityConfig),
  };
}

function toRule(from: ValueOf<typeof rule>): Rule {
  const { action, overrideAction, statement } = from;
  const { managedRuleGroupStatement: group, rateBasedStatement: rate } = statement;
  return {
    Name: from.name,
    Priority: from.priority,
    Action: action && { Allow: action.allow, Block: action.block, Count: action.count },
    OverrideAction: overrideAction && { Count: overrideAction.count, None: overrideAction.none },
    Statement: {
      ManagedRuleGroupStatement: group && { Name: group.name, VendorName: group.vendorName },
      RateBasedStatement: rate && {
        AggregateKeyType: rate.aggregateKeyType,
        EvaluationWindowSec: WINDOWS.find((seconds) => seconds === rate.evaluationWindowSec),
        Limit: rate.limit,
      },
    },
    VisibilityConfig: toVisibility(from.visibilityConfig),
  };
}

function fromRule(found: Rule): ValueOf<typeof rule> {
  const { Action: action, OverrideAction: override, Statement } = found;
  const { ManagedRuleGroupStatement: group, RateBasedStatement: rate } = Statement ?? {};
  return {
    name: found.Name ?? "",
    priority: found.Priority ?? 0,
    action: action && { allow: action.Allow && {}, block: action.Block && {}, count: action.Count && {} },
    overrideAction: override && { count: override.Count && {}, none: override.None && {} },
    statement: {
      managedRuleGroupStatement: group && { name: group.Name ?? "", vendorName: group.VendorName ?? "" },
      rateBasedStatement: rate && {
        aggregateKeyType: "IP",
        evaluationWindowSec: rate.EvaluationWindowSec ?? 300,
        limit: rate.Limit ?? 0,
      },
    },
    visibilityConfig: fromVisibility(found.VisibilityConfig),
  };
}

function toVisibility(from: ValueOf<typeof visibility>) {
  return {
    CloudWatchMetricsEnabled: from.cloudwatchMetricsEnabled,
    MetricName: from.metricName,
    SampledRequestsEnabled: from.sampledRequestsEnabled,
  };
}

function fromVisibility(found: WebACL["VisibilityConfig"]): ValueOf<typeof visibility> {
  return {
    cloudwatchMetricsEnabled: found?.CloudWatchMetricsEnabled ?? false,
    metricName: found?.MetricName ?? "",
    sampledRequestsEnabled: found?.SampledRequestsEnabled ?? false,
  };
}
