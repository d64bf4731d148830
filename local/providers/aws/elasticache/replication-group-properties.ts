// The properties of a replication group, and how ElastiCache tells them.

import type { CacheCluster, ReplicationGroup } from "@aws-sdk/client-elasticache";
import { flag, list, number, object, set, text, type ValuesOf } from "../../schema.ts";
import { regional, tagged, taggedOutputs } from "../common.ts";

const logDelivery = object({
  destination: text({ required: true }),
  destinationType: text({ required: true, oneOf: ["cloudwatch-logs", "kinesis-firehose"] }),
  logFormat: text({ required: true, oneOf: ["json", "text"] }),
  logType: text({ required: true, oneOf: ["slow-log", "engine-log"] }),
});

export const inputs = {
  applyImmediately: flag({ computed: true, kept: true }),
  atRestEncryptionEnabled: flag({ computed: true, replace: true }),
  authToken: text({ secret: true, kept: true }),
  authTokenUpdateStrategy: text({ default: "ROTATE", oneOf: ["SET", "ROTATE", "DELETE"], kept: true }),
  autoMinorVersionUpgrade: flag({ computed: true }),
  automaticFailoverEnabled: flag({ default: false }),
  description: text({ required: true }),
  engine: text({ default: "redis", oneOf: ["redis", "valkey"] }),
  engineVersion: text({ computed: true }),
  finalSnapshotIdentifier: text({ kept: true }),
  kmsKeyId: text({ replace: true }),
  // The emulator tells those of the creation, whatever became of them.
  logDeliveryConfigurations: set(logDelivery, { kept: true }),
  maintenanceWindow: text({ computed: true }),
  multiAzEnabled: flag({ default: false }),
  nodeType: text({ computed: true }),
  notificationTopicArn: text(),
  numCacheClusters: number({ computed: true, minimum: 1, maximum: 6 }),
  numNodeGroups: number({ computed: true, minimum: 1, maximum: 500 }),
  parameterGroupName: text({ computed: true }),
  port: number({ computed: true, replace: true, minimum: 1, maximum: 65535 }),
  preferredCacheClusterAzs: list(text(), { kept: true }),
  replicasPerNodeGroup: number({ computed: true, minimum: 0, maximum: 5 }),
  replicationGroupId: text({ replace: true, name: { maxLength: 40, lowercase: true } }),
  securityGroupIds: set(text(), { computed: true }),
  snapshotRetentionLimit: number({ minimum: 0, maximum: 35 }),
  snapshotWindow: text({ computed: true }),
  subnetGroupName: text({ computed: true, replace: true }),
  transitEncryptionEnabled: flag({ computed: true, replace: true }),
  transitEncryptionMode: text({ computed: true, oneOf: ["preferred", "required"] }),
  userGroupIds: set(text()),
  ...regional,
  ...tagged,
} as const;

export const outputs = {
  ...taggedOutputs,
  clusterEnabled: flag(),
  configurationEndpointAddress: text(),
  engineVersionActual: text(),
  memberClusters: list(text()),
  primaryEndpointAddress: text(),
  readerEndpointAddress: text(),
} as const;

export type Desired = ValuesOf<typeof inputs>;
export type Known = Partial<Desired & ValuesOf<typeof outputs>>;

export function fromGroup(group: ReplicationGroup, known: Known): Known {
  const nodeGroups = group.NodeGroups ?? [];
  const [first] = nodeGroups;
  const members = group.MemberClusters ?? [];
  const clusterEnabled = group.ClusterEnabled ?? false;
  return {
    arn: group.ARN,
    atRestEncryptionEnabled: group.AtRestEncryptionEnabled ?? false,
    automaticFailoverEnabled: /^enabl/.test(group.AutomaticFailover ?? ""),
    clusterEnabled,
    configurationEndpointAddress: group.ConfigurationEndpoint?.Address,
    description: group.Description,
    // The emulator does not tell it.
    kmsKeyId: group.KmsKeyId ?? known.kmsKeyId,
    memberClusters: members,
    multiAzEnabled: group.MultiAZ === "enabled",
    nodeType: group.CacheNodeType,
    numCacheClusters: members.length,
    numNodeGroups: nodeGroups.length,
    // ElastiCache tells the port of endpoints only; the emulator's is that of the server behind it.
    port: known.port ?? first?.PrimaryEndpoint?.Port ?? group.ConfigurationEndpoint?.Port,
    primaryEndpointAddress: clusterEnabled ? undefined : first?.PrimaryEndpoint?.Address,
    readerEndpointAddress: clusterEnabled ? undefined : first?.ReaderEndpoint?.Address,
    replicasPerNodeGroup: Math.max((first?.NodeGroupMembers?.length ?? 1) - 1, 0),
    replicationGroupId: group.ReplicationGroupId,
    snapshotRetentionLimit: group.SnapshotRetentionLimit,
    snapshotWindow: group.SnapshotWindow,
    transitEncryptionEnabled: group.TransitEncryptionEnabled ?? false,
    transitEncryptionMode: group.TransitEncryptionMode,
    userGroupIds: group.UserGroupIds,
  };
}

/** What only the member clusters tell. */
export function fromCluster(cluster: CacheCluster | undefined, known: Known): Known {
  const version = cluster?.EngineVersion;
  return {
    // The emulator does not tell it.
    autoMinorVersionUpgrade: cluster?.AutoMinorVersionUpgrade ?? known.autoMinorVersionUpgrade,
    engine: cluster?.Engine === "valkey" ? "valkey" : "redis",
    // "7.1" as wanted is in force while the actual version starts with it.
    engineVersion: version?.startsWith(known.engineVersion ?? "")
      ? (known.engineVersion ?? version)
      : version,
    engineVersionActual: version,
    maintenanceWindow: cluster?.PreferredMaintenanceWindow,
    notificationTopicArn: cluster?.NotificationConfiguration?.TopicArn,
    parameterGroupName: cluster?.CacheParameterGroup?.CacheParameterGroupName,
    securityGroupIds: cluster?.SecurityGroups?.flatMap(({ SecurityGroupId }) => SecurityGroupId ?? []),
    subnetGroupName: cluster?.CacheSubnetGroupName,
  };
}
