// aws.elasticache.ReplicationGroup: Redis or Valkey with one shard or several. Global datastores and node placement are not
// supported. The emulator has no engine of its own: its endpoint is the local server's.

import type {
  CacheCluster,
  ElastiCache,
  LogDeliveryConfigurationRequest,
  ReplicationGroup,
} from "@aws-sdk/client-elasticache";
import { resourceHandler } from "../../handler.ts";
import { waitFor } from "../../wait.ts";
import { unless } from "../absent.ts";
import { tagList } from "../common.ts";
import type { AwsSession } from "../session.ts";
import {
  type Desired,
  fromCluster,
  fromGroup,
  inputs,
  type Known,
  outputs,
} from "./replication-group-properties.ts";
import { syncTags, tagsOf } from "./tags.ts";

const ABSENT = ["ReplicationGroupNotFoundFault"];
const READY_SECONDS = 3600;

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
      LogDeliveryConfigurations: desired.logDeliveryConfigurations?.map(delivered),
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
      LogDeliveryConfigurations: logChanges(desired, observed),
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

type LogDelivery = NonNullable<Desired["logDeliveryConfigurations"]>[number];

function delivered(log: LogDelivery): LogDeliveryConfigurationRequest {
  const { destination, destinationType: DestinationType, logFormat: LogFormat, logType: LogType } = log;
  const DestinationDetails =
    DestinationType === "cloudwatch-logs"
      ? { CloudWatchLogsDetails: { LogGroup: destination } }
      : { KinesisFirehoseDetails: { DeliveryStream: destination } };
  return { LogType, LogFormat, DestinationType, DestinationDetails, Enabled: true };
}

/** A log that is no longer wanted is switched off by name. */
function logChanges(desired: Desired, observed: Known): LogDeliveryConfigurationRequest[] | undefined {
  const wanted = desired.logDeliveryConfigurations ?? [];
  const gone = (observed.logDeliveryConfigurations ?? [])
    .filter(({ logType }) => !wanted.some((one) => one.logType === logType))
    .map(({ logType }) => ({ LogType: logType, Enabled: false }));
  const changes = [...wanted.map(delivered), ...gone];
  return changes.length > 0 ? changes : undefined;
}

function tokenChange(desired: Desired, observed: Known) {
  const { authToken, authTokenUpdateStrategy } = observed;
  if (desired.authToken === authToken && desired.authTokenUpdateStrategy === authTokenUpdateStrategy)
    return {};
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
