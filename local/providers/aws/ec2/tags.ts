// Tags of EC2 resources: given on creation, then changed by one pair of calls for every kind.

import type { EC2, ResourceType } from "@aws-sdk/client-ec2";
import { tagChanges, tagList } from "../common.ts";

type Tags = Record<string, string> | undefined;

export function tagsOnCreation(ResourceType: ResourceType, tags: Tags) {
  const Tags = tagList(tags);
  return Tags.length === 0 ? undefined : [{ ResourceType, Tags }];
}

export async function syncTags(ec2: EC2, id: string, observed: Tags, desired: Tags): Promise<void> {
  const changes = tagChanges(observed, desired);
  if (!changes) return;
  const { set, remove } = changes;
  if (remove.length > 0) await ec2.deleteTags({ Resources: [id], Tags: remove.map((Key) => ({ Key })) });
  if (set.length > 0) await ec2.createTags({ Resources: [id], Tags: set });
}
