// Controls of Amazon ElastiCache.
import { type Control, setting } from "./control.ts";

const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";

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
];
