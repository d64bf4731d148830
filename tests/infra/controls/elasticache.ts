// Controls of Amazon ElastiCache.
import type { Registered } from "../support/mocks.ts";
import { at, type Control, setting, without } from "./control.ts";

const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";

/** The log group that the replication group writes a kind of log to. */
function logGroupOf({ inputs }: Registered, estate: Registered[], logType: string): Registered | undefined {
  const logs = inputs.logDeliveryConfigurations;
  const log = Array.isArray(logs) ? logs.find((one) => at(one, ["logType"]) === logType) : undefined;
  if (at(log, ["destinationType"]) !== "cloudwatch-logs") return undefined;
  return estate.find((one) => one.type === LOG_GROUP && one.inputs.name === at(log, ["destination"]));
}

export const elasticache: Control[] = [
  {
    id: "ElastiCache.1",
    asks: "automatic snapshots",
    type: GROUP,
    met: "every day, kept for 7 days unless told otherwise, and a last one before the group is deleted",
    holds: ({ inputs }) =>
      Number(inputs.snapshotRetentionLimit) >= 1 && inputs.finalSnapshotIdentifier !== undefined,
    breaks: [
      setting(["snapshotRetentionLimit"], 0),
      setting(["snapshotRetentionLimit"], undefined),
      setting(["finalSnapshotIdentifier"], undefined),
    ],
  },
  {
    id: "ElastiCache.2",
    asks: "minor versions are installed by themselves",
    type: GROUP,
    met: "in the maintenance window",
    holds: ({ inputs }) => inputs.autoMinorVersionUpgrade === true && inputs.maintenanceWindow !== undefined,
    breaks: [setting(["autoMinorVersionUpgrade"], false), setting(["maintenanceWindow"], undefined)],
  },
  {
    id: "ElastiCache.3",
    asks: "automatic failover",
    type: GROUP,
    met: "from two nodes on, which is the default, in several zones",
    holds: ({ inputs }) => inputs.automaticFailoverEnabled === true && inputs.multiAzEnabled === true,
    breaks: [setting(["automaticFailoverEnabled"], false), setting(["multiAzEnabled"], false)],
  },
  {
    id: "ElastiCache.4",
    asks: "encryption at rest",
    type: GROUP,
    met: "with the stack's own key",
    holds: ({ inputs }) =>
      inputs.atRestEncryptionEnabled === true && String(inputs.kmsKeyId ?? "").includes(":kms:"),
    breaks: [setting(["atRestEncryptionEnabled"], false), setting(["kmsKeyId"], undefined)],
  },
  {
    id: "ElastiCache.5",
    asks: "encryption in transit",
    type: GROUP,
    met: "TLS, and no plain connection",
    holds: ({ inputs }) => inputs.transitEncryptionEnabled === true,
    breaks: [setting(["transitEncryptionEnabled"], false)],
  },
  {
    id: "ElastiCache.6",
    asks: "clients of Redis before version 6 authenticate",
    type: GROUP,
    met: "every client needs the token, in every version",
    holds: ({ inputs }) => inputs.authToken !== undefined,
    breaks: [setting(["authToken"], undefined)],
  },
  {
    id: "ElastiCache.7",
    asks: "no default subnet group",
    type: GROUP,
    met: "the private subnets of the stack",
    holds: ({ inputs }) => inputs.subnetGroupName !== undefined && inputs.subnetGroupName !== "default",
    breaks: [setting(["subnetGroupName"], undefined), setting(["subnetGroupName"], "default")],
  },
  {
    id: "(logs)",
    asks: "the engine's log and the log of slow commands are kept",
    type: GROUP,
    met: "in log groups of their own under the stack's own key, for 30 days unless `greenlight:cache.logDays` says otherwise",
    holds: (group, estate) =>
      ["engine-log", "slow-log"].every((logType) => {
        const inputs = logGroupOf(group, estate, logType)?.inputs;
        return Number(inputs?.retentionInDays) > 0 && String(inputs?.kmsKeyId ?? "").includes(":kms:");
      }),
    breaks: [
      setting(["logDeliveryConfigurations"], undefined),
      setting(["logDeliveryConfigurations", 0, "logType"], "slow-log"),
      setting(["logDeliveryConfigurations", 1, "destination"], "/other"),
      setting(["logDeliveryConfigurations", 1, "destinationType"], "kinesis-firehose"),
      (group, estate) => {
        const kept = logGroupOf(group, estate, "engine-log");
        if (kept) without(estate, kept);
      },
      (group, estate) => {
        const kept = logGroupOf(group, estate, "slow-log");
        if (kept) kept.inputs.retentionInDays = undefined;
      },
      (group, estate) => {
        const kept = logGroupOf(group, estate, "slow-log");
        if (kept) kept.inputs.kmsKeyId = undefined;
      },
    ],
  },
];
