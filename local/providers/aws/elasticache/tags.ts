// Tags of ElastiCache resources, by ARN.

import type { ElastiCache } from "@aws-sdk/client-elasticache";
import { unless } from "../absent.ts";
import { tagChanges, tagOutputs } from "../common.ts";

type Tags = Record<string, string> | undefined;

export async function tagsOf(elasticache: ElastiCache, arn: string | undefined) {
  if (arn === undefined) return tagOutputs([]);
  const gone = [
    "CacheParameterGroupNotFound",
    "CacheSubnetGroupNotFoundFault",
    "ReplicationGroupNotFoundFault",
  ];
  const found = await unless(gone, elasticache.listTagsForResource({ ResourceName: arn }));
  return tagOutputs(found?.TagList);
}

export async function syncTags(
  elasticache: ElastiCache,
  arn: string | undefined,
  observed: Tags,
  desired: Tags,
): Promise<void> {
  const changes = tagChanges(observed, desired);
  if (!changes || arn === undefined) return;
  const { set, remove } = changes;
  if (remove.length > 0) await elasticache.removeTagsFromResource({ ResourceName: arn, TagKeys: remove });
  if (set.length > 0) await elasticache.addTagsToResource({ ResourceName: arn, Tags: set });
}
