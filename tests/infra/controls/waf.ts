// Controls of AWS WAF.
import { at, type Control, companions, setting, without } from "./control.ts";

const ACL = "aws:wafv2/webAcl:WebAcl";
const LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration";
const rulesOf = (inputs: { [name: string]: unknown }): unknown[] =>
  Array.isArray(inputs.rules) ? inputs.rules : [];

export const waf: Control[] = [
  {
    id: "WAF.10",
    asks: "at least one rule",
    type: ACL,
    met: "AWS's managed rules against bad addresses, known bad inputs and common attacks, and they act",
    holds: ({ inputs }) =>
      rulesOf(inputs).filter(
        (rule) =>
          at(rule, ["statement", "managedRuleGroupStatement", "vendorName"]) === "AWS" &&
          at(rule, ["overrideAction", "none"]) !== undefined,
      ).length >= 3,
    breaks: [setting(["rules"], []), setting(["rules", 1, "overrideAction"], { count: {} })],
  },
  {
    id: "(seeds)",
    asks: "a limit of requests an address",
    type: ACL,
    met: "`greenlight:site.firewall.requestsPerMinute`; who sends more is refused",
    holds: ({ inputs }) =>
      rulesOf(inputs).some(
        (rule) =>
          Number(at(rule, ["statement", "rateBasedStatement", "limit"])) >= 10 &&
          at(rule, ["statement", "rateBasedStatement", "evaluationWindowSec"]) === 60 &&
          at(rule, ["action", "block"]) !== undefined,
      ),
    breaks: [
      setting(["rules", 0, "action"], { count: {} }),
      setting(["rules", 0, "statement", "rateBasedStatement"], undefined),
      setting(["rules", 0, "statement", "rateBasedStatement", "evaluationWindowSec"], 600),
    ],
  },
  {
    id: "WAF.11",
    asks: "logs of requests",
    type: ACL,
    optional: true,
    met: "where `greenlight:site.firewall.logDays` is set, in a group of their own",
    holds: (_acl, estate) =>
      estate.some(
        ({ type, inputs }) =>
          type === LOGGING &&
          companions(estate, "aws:cloudwatch/logGroup:LogGroup", "region", "us-east-1").length > 0 &&
          Array.isArray(inputs.logDestinationConfigs) &&
          inputs.logDestinationConfigs.length > 0,
      ),
    breaks: [
      (_acl, estate) => {
        const logging = estate.find(({ type }) => type === LOGGING);
        if (logging) without(estate, logging);
      },
      (_acl, estate) => {
        const logging = estate.find(({ type }) => type === LOGGING);
        if (logging) logging.inputs.logDestinationConfigs = [];
      },
    ],
  },
  {
    id: "WAF.12",
    asks: "metrics",
    type: ACL,
    met: "the list and each rule of it write metrics",
    holds: ({ inputs }) =>
      at(inputs, ["visibilityConfig", "cloudwatchMetricsEnabled"]) === true &&
      rulesOf(inputs).every((rule) => at(rule, ["visibilityConfig", "cloudwatchMetricsEnabled"]) === true),
    breaks: [
      setting(["visibilityConfig", "cloudwatchMetricsEnabled"], false),
      setting(["rules", 0, "visibilityConfig", "cloudwatchMetricsEnabled"], false),
    ],
  },
];
