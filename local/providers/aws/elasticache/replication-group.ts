// aws.elasticache.ReplicationGroup: Redis or Valkey with one shard or several. Global datastores, node placement and
// log delivery are not supported. The emulator has no engine of its own: its endpoint is the local server's.

import type { CacheCluster, ElastiCache, ReplicationGroup } from "@aws-sdk/client-elasticache";
import { resourceHandler } from "../../handler.ts";
import { flag, list, number, set, text, type ValuesOf } from "../../schema.ts";
import { waitFor } from "../../wait.ts";
import { unless } from "../absent.ts";
import { regional, tagged, taggedOutputs, tagList } from "../common.ts";
import type { AwsSession } from "../session.ts";
import { syncTags, tagsOf } from "./tags.ts";

const ABSENT = ["ReplicationGroupNotFoundFault"];
const READY_SECONDS = 3600;

const inputs = {
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

const outputs = {
  ...taggedOutputs,
  clusterEnabled: flag(),
  configurationEndpointAddress: text(),
  engineVersionActual: text(),
  memberClusters: list(text()),
  primaryEndpointAddress: text(),
  readerEndpointAddress: text(),
} as const;

type Desired = ValuesOf<typeof inputs>;
type Known = Partial<Desired & ValuesOf<typeof outputs>>;

export const replicationGroup = resourceHandler<AwsSession>()({
  inputs,
  outputs,
  stables: ["arn"],

  validate({
    automaticFailoverEnabled,
    multiAzEnabled,
    numCacheClusters,
    authToken,
    transitEncryptionEnabled,
  }) {
    if (multiAzEnabled === true && automaticFailoverEnabled === false) {
      return [{ property: "multiAzEnabled", reason: "multiAzEnabled needs automaticFailoverEnabled" }];
    }
    if (automaticFailoverEnabled === true && numCacheClusters === 1) {
      return [
        {
          property: "numCacheClusters",
          reason: "automaticFailoverEnabled needs numCacheClusters of 2 or more",
        },
      ];
    }
    if (authToken !== undefined && transitEncryptionEnabled === false) {
      return [{ property: "authToken", reason: "authToken needs transitEncryptionEnabled" }];
    }
    return [];
  },

  identify: (desired) => desired.replicationGroupId,

  async observe(id, known, session) {
    const elasticache = await session.client("elasticache");
    const group = await find(elasticache, id);
    if (!group || group.Status === "deleting") return undefined;
    const [member] = group.MemberClusters ?? [];
    const cluster = member === undefined ? undefined : await findCluster(elasticache, member);
    return {
      ...fromGroup(group, known),
      ...fromCluster(cluster, known),
      region: session.region,
      ...(await tagsOf(elasticache, group.ARN)),
    };
  },

  async create(desired, session) {
    const elasticache = await session.client("elasticache");
    const id = desired.replicationGroupId;
    await elasticache.createReplicationGroup({
      ...settings(desired),
      AtRestEncryptionEnabled: desired.atRestEncryptionEnabled,
      AuthToken: desired.authToken,
      CacheSubnetGroupName: desired.subnetGroupName,
      Engine: desired.engine,
      KmsKeyId: desired.kmsKeyId,
      NumCacheClusters: desired.numNodeGroups === undefined ? desired.numCacheClusters : undefined,
      NumNodeGroups: desired.numNodeGroups,
      Port: desired.port,
      PreferredCacheClusterAZs: desired.preferredCacheClusterAzs,
      ReplicasPerNodeGroup: desired.replicasPerNodeGroup,
      ReplicationGroupId: id,
      Tags: tagList(desired.tags),
      TransitEncryptionEnabled: desired.transitEncryptionEnabled,
      UserGroupIds: desired.userGroupIds,
    });
    await ready(elasticache, id);
    return id;
  },

  async sync(id, desired, observed, session) {
    const elasticache = await session.client("elasticache");
    await resize(elasticache, id, desired, observed);
    await elasticache.modifyReplicationGroup({
      ...settings(desired),
      ...tokenChange(desired, observed),
      ApplyImmediately: desired.applyImmediately ?? true,
      Engine: desired.engine === observed.engine ? undefined : desired.engine,
      ReplicationGroupId: id,
      UserGroupIdsToAdd: without(desired.userGroupIds, observed.userGroupIds),
      UserGroupIdsToRemove: without(observed.userGroupIds, desired.userGroupIds),
    });
    await ready(elasticache, id);
    await syncTags(elasticache, observed.arn, observed.tags, desired.tags);
  },

  async delete(id, known, session) {
    const elasticache = await session.client("elasticache");
    const FinalSnapshotIdentifier = known.finalSnapshotIdentifier;
    await unless(
      ABSENT,
      elasticache.deleteReplicationGroup({ ReplicationGroupId: id, FinalSnapshotIdentifier }),
    );
    const gone = async () => ((await find(elasticache, id)) ? undefined : true);
    await waitFor(`replication group "${id}" deleted`, READY_SECONDS, gone);
  },
});

async function find(elasticache: ElastiCache, id: string): Promise<ReplicationGroup | undefined> {
  const found = await unless(ABSENT, elasticache.describeReplicationGroups({ ReplicationGroupId: id }));
  return found?.ReplicationGroups?.[0];
}

async function findCluster(elasticache: ElastiCache, id: string): Promise<CacheCluster | undefined> {
  const found = await unless(
    ["CacheClusterNotFound", "CacheClusterNotFoundFault"],
    elasticache.describeCacheClusters({ CacheClusterId: id }),
  );
  return found?.CacheClusters?.[0];
}

async function ready(elasticache: ElastiCache, id: string): Promise<void> {
  await waitFor(`replication group "${id}" available`, READY_SECONDS, async () => {
    const { Status } = (await find(elasticache, id)) ?? {};
    if (Status === "create-failed") throw new Error(`replication group "${id}": creation failed`);
    return Status === "available" ? true : undefined;
  });
}

function fromGroup(group: ReplicationGroup, known: Known): Known {
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
function fromCluster(cluster: CacheCluster | undefined, known: Known): Known {
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

/** What creation and modification say alike. */
function settings(desired: Desired) {
  return {
    AutoMinorVersionUpgrade: desired.autoMinorVersionUpgrade,
    AutomaticFailoverEnabled: desired.automaticFailoverEnabled,
    CacheNodeType: desired.nodeType,
    CacheParameterGroupName: desired.parameterGroupName,
    EngineVersion: desired.engineVersion,
    MultiAZEnabled: desired.multiAzEnabled,
    NotificationTopicArn: desired.notificationTopicArn,
    PreferredMaintenanceWindow: desired.maintenanceWindow,
    ReplicationGroupDescription: desired.description,
    SecurityGroupIds: desired.securityGroupIds,
    SnapshotRetentionLimit: desired.snapshotRetentionLimit,
    SnapshotWindow: desired.snapshotWindow,
    TransitEncryptionMode: desired.transitEncryptionMode,
  };
}

function tokenChange(desired: Desired, observed: Known) {
  if (desired.authToken === observed.authToken) return {};
  return { AuthToken: desired.authToken, AuthTokenUpdateStrategy: desired.authTokenUpdateStrategy };
}

async function resize(
  elasticache: ElastiCache,
  id: string,
  desired: Desired,
  observed: Known,
): Promise<void> {
  const { numCacheClusters: wanted, numNodeGroups } = desired;
  const ApplyImmediately = true;
  if (numNodeGroups !== undefined && numNodeGroups !== observed.numNodeGroups) {
    throw new Error(
      `numNodeGroups is ${observed.numNodeGroups}, want ${numNodeGroups}; resharding is not supported by the local provider`,
    );
  }
  const existing = observed.numCacheClusters ?? 1;
  if (wanted === undefined || wanted === existing) return;
  const change = { ReplicationGroupId: id, NewReplicaCount: wanted - 1, ApplyImmediately };
  if (wanted > existing) await elasticache.increaseReplicaCount(change);
  else await elasticache.decreaseReplicaCount(change);
  await ready(elasticache, id);
}

function without(values: string[] | undefined, others: string[] | undefined): string[] | undefined {
  const rest = (values ?? []).filter((value) => !others?.includes(value));
  return rest.length > 0 ? rest : undefined;
}
