// Redis as ElastiCache and EC2 tell it.
import type { ReplicationGroup } from "@aws-sdk/client-elasticache";
import type { ProvisionedInputs } from "../provisioned.ts";
import { type Observation, observe } from "../step/definition.ts";
import { isKey } from "./encryption.ts";

type Wanted = NonNullable<ProvisionedInputs["cache"]>;

const PORT = 6379;

/** What the APIs say of one group. */
export interface SeenCache {
  group: ReplicationGroup | undefined;
  policy: string | undefined;
  /** Those that it is behind. */
  securityGroupIds: string[];
  /** Each inbound rule of the one that it should be behind, in words, e.g. `tcp 6379 from 10.0.0.0/16`. */
  inbound: string[];
}

/** Reads group, parameters and security group. @throws when an API cannot be asked */
export async function lookAtCache(wanted: Wanted, abortSignal: AbortSignal): Promise<SeenCache> {
  const {
    ElastiCacheClient,
    DescribeReplicationGroupsCommand,
    DescribeCacheClustersCommand,
    ReplicationGroupNotFoundFault,
    paginateDescribeCacheParameters,
  } = await import("@aws-sdk/client-elasticache");
  const client = new ElastiCacheClient({});
  try {
    const asked = new DescribeReplicationGroupsCommand({ ReplicationGroupId: wanted.groupId });
    const { ReplicationGroups: [group] = [] } = await client
      .send(asked, { abortSignal })
      .catch((error: unknown) => {
        if (error instanceof ReplicationGroupNotFoundFault) return { ReplicationGroups: [] };
        throw error;
      });
    const inbound = await inboundOf(wanted.securityGroupId, abortSignal);
    const [CacheClusterId] = group?.MemberClusters ?? [];
    // Without a name the API tells of all that there are.
    if (CacheClusterId === undefined) return { group, policy: undefined, securityGroupIds: [], inbound };
    const member = new DescribeCacheClustersCommand({ CacheClusterId });
    const { CacheClusters: [cluster] = [] } = await client.send(member, { abortSignal });
    const parameters = paginateDescribeCacheParameters(
      { client },
      { CacheParameterGroupName: cluster?.CacheParameterGroup?.CacheParameterGroupName },
      { abortSignal },
    );
    let policy: string | undefined;
    for await (const { Parameters = [] } of parameters)
      policy ??= Parameters.find(({ ParameterName }) => ParameterName === "maxmemory-policy")?.ParameterValue;
    const securityGroupIds = (cluster?.SecurityGroups ?? []).flatMap(({ SecurityGroupId: id }) => id ?? []);
    return { group, policy, securityGroupIds, inbound };
  } finally {
    client.destroy();
  }
}

async function inboundOf(groupId: string, abortSignal: AbortSignal): Promise<string[]> {
  const { EC2Client, DescribeSecurityGroupsCommand } = await import("@aws-sdk/client-ec2");
  const client = new EC2Client({});
  try {
    const asked = new DescribeSecurityGroupsCommand({ GroupIds: [groupId] });
    const { SecurityGroups: [group] = [] } = await client.send(asked, { abortSignal });
    return (group?.IpPermissions ?? []).flatMap(
      ({ IpProtocol, FromPort, ToPort, IpRanges, Ipv6Ranges, UserIdGroupPairs, PrefixListIds }) => {
        const ports = FromPort === ToPort ? `${FromPort}` : `${FromPort}-${ToPort}`;
        const from = [
          ...(IpRanges ?? []).map(({ CidrIp }) => CidrIp),
          ...(Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6),
          ...(UserIdGroupPairs ?? []).map(({ GroupId }) => GroupId),
          ...(PrefixListIds ?? []).map(({ PrefixListId }) => PrefixListId),
        ];
        return from.map((range) => `${IpProtocol} ${ports} from ${range}`);
      },
    );
  } finally {
    client.destroy();
  }
}

export function judgeCache(
  wanted: Wanted,
  { group, policy, securityGroupIds, inbound }: SeenCache,
): Observation[] {
  const nodes = group?.MemberClusters?.length ?? 0;
  const days = group?.SnapshotRetentionLimit ?? 0;
  const window = group?.SnapshotWindow ?? "no window";
  const allowed = wanted.clientCidrBlocks.map((range) => `tcp ${PORT} from ${range}`);
  const own = wanted.securityGroupId;
  const others = [
    ...inbound.filter((rule) => !allowed.includes(rule)),
    // A rule lets in what any of its groups lets in.
    ...securityGroupIds.filter((id) => id !== own).map((id) => `what ${id} lets in`),
    ...(securityGroupIds.includes(own) ? [] : [`whoever it is without ${own}`]),
  ];
  const missing = allowed.filter((rule) => !inbound.includes(rule));
  const network = [
    ...others.map((rule) => `also ${rule}`),
    ...missing.map((rule) => `no ${rule}`),
    ...(others.length + missing.length === 0 ? inbound : []),
  ];
  return [
    observe(
      "cache",
      group?.Status === "available" && nodes === wanted.nodes,
      `${wanted.groupId} available with ${wanted.nodes} nodes`,
      group ? `${group.Status} with ${nodes} nodes` : "no such group",
    ),
    observe(
      "cache-transit",
      group?.TransitEncryptionEnabled === true && group.AuthTokenEnabled === true,
      "Redis encrypted in transit (TLS), with a token",
      `${group?.TransitEncryptionEnabled ? "TLS" : "no TLS"}, ${group?.AuthTokenEnabled ? "a token" : "no token"}`,
    ),
    observe(
      "cache-at-rest",
      group?.AtRestEncryptionEnabled === true &&
        (wanted.keyArn === undefined || isKey(group.KmsKeyId, wanted.keyArn)),
      `Redis encrypted at rest${wanted.keyArn === undefined ? "" : " with the stack's key"}`,
      group?.AtRestEncryptionEnabled ? `encrypted with ${group.KmsKeyId ?? "a key of AWS"}` : "not encrypted",
    ),
    observe(
      "cache-snapshots",
      days >= wanted.snapshotDays && days > 0 && /^\d\d:\d\d-\d\d:\d\d$/.test(window),
      `Redis backed up daily, kept for ${wanted.snapshotDays} days`,
      days > 0 ? `daily at ${window} UTC, kept for ${days} days` : "no snapshots",
    ),
    observe(
      "cache-policy",
      policy === wanted.maxmemoryPolicy,
      `maxmemory-policy ${wanted.maxmemoryPolicy}`,
      policy ?? "not set",
    ),
    observe(
      "cache-network",
      others.length + missing.length === 0 && inbound.length > 0,
      `Redis lets in ${allowed.join(", ")} and nothing else`,
      network.join(", ") || "nothing is let in",
    ),
  ];
}
