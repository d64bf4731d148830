// What the deploying identity reads that is none of the stack's parts: logs and metrics that settings name, e.g. of a load balancer.
import type { Settings } from "../settings.ts";
import { allow, type Permissions } from "./statement.ts";

/** What steps read beside the stack's own. */
export interface Reads {
  /** Full names of log groups. */
  logGroups: string[];
  /** Whether metrics are read, of which IAM knows all or none. */
  metrics: boolean;
}

/** What the settings name that the permissions for the stack's own parts do not cover. */
export function readsOf({ system, logs, logChecks, alarms, observation }: Settings): Reads {
  const groups = (logChecks?.sources ?? []).flatMap(({ group }) => group ?? []);
  const own = (group: string) => logs !== undefined && group.startsWith(`/${system.name}/`);
  const measures = Object.values(observation?.measures ?? {});
  return {
    logGroups: [...new Set(groups)].filter((group) => !own(group)),
    metrics: alarms === undefined && measures.some(({ cloudwatch }) => cloudwatch !== undefined),
  };
}

export const reading: Permissions = ({ accountId, region, reads }) => {
  const arns = (reads?.logGroups ?? []).map(
    (group) => `arn:aws:logs:${region}:${accountId}:log-group:${group}`,
  );
  return [
    ...(arns.length === 0
      ? []
      : [
          allow(
            ["logs:FilterLogEvents"],
            arns.flatMap((arn) => [arn, `${arn}:*`]),
          ),
          // It knows no resource.
          allow(["logs:DescribeLogGroups"], "*"),
        ]),
    ...(reads?.metrics ? [allow(["cloudwatch:GetMetricStatistics"], "*")] : []),
  ];
};
