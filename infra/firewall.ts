// The web application firewall before a site: AWS's managed rules, and a limit of requests an address. CloudFront takes it, and
// where it logs, from us-east-1 only.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface FirewallArgs {
  /** Requests that one address may send in a minute, 10 to 2 000 000 000. @default 600 */
  requestsPerMinute?: number;
  /** How long logs of requests are kept, a period that CloudWatch Logs knows. @default no logs */
  logDays?: number;
}

/** AWS's rule groups, in the order in which they are asked. */
const MANAGED = [
  "AWSManagedRulesAmazonIpReputationList",
  "AWSManagedRulesKnownBadInputsRuleSet",
  "AWSManagedRulesCommonRuleSet",
];
const REGION = "us-east-1";

/** A web ACL for CloudFront. */
export class Firewall extends pulumi.ComponentResource {
  readonly webAclArn: pulumi.Output<string>;

  constructor(name: string, args: FirewallArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Firewall", name, {}, opts);
    const parent = { parent: this };
    const acl = new aws.wafv2.WebAcl(
      `${name}-firewall`,
      {
        region: REGION,
        name: `${name}-site`,
        description: `Requests to the site of ${name}`,
        scope: "CLOUDFRONT",
        defaultAction: { allow: {} },
        // The rate first: what is refused for it costs no further rule.
        rules: [rateRule(name, args.requestsPerMinute ?? 600), ...MANAGED.map(managedRule(name))],
        visibilityConfig: seenAs(`${name}-site`),
      },
      parent,
    );
    if (args.logDays !== undefined) {
      // AWS WAF writes only into groups whose names begin like this.
      const group = new aws.cloudwatch.LogGroup(
        `${name}-firewall`,
        { region: REGION, name: `aws-waf-logs-${name}`, retentionInDays: args.logDays },
        parent,
      );
      new aws.wafv2.WebAclLoggingConfiguration(
        `${name}-firewall`,
        { region: REGION, resourceArn: acl.arn, logDestinationConfigs: [group.arn] },
        parent,
      );
    }
    this.webAclArn = acl.arn;
    this.registerOutputs({ webAclArn: this.webAclArn });
  }
}

function rateRule(name: string, limit: number): aws.types.input.wafv2.WebAclRule {
  return {
    name: "requests-per-minute",
    priority: 0,
    action: { block: {} },
    statement: { rateBasedStatement: { limit, aggregateKeyType: "IP", evaluationWindowSec: 60 } },
    visibilityConfig: seenAs(`${name}-requests-per-minute`),
  };
}

function managedRule(name: string) {
  return (group: string, index: number): aws.types.input.wafv2.WebAclRule => ({
    name: group,
    priority: index + 1,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: { name: group, vendorName: "AWS" } },
    visibilityConfig: seenAs(`${name}-${group}`),
  });
}

function seenAs(metricName: string) {
  return { metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
