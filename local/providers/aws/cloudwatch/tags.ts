// Tags of alarms, by ARN.

import type { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { tagChanges, tagOutputs } from "../common.ts";

type Tags = Record<string, string> | undefined;

export async function tagsOf(cloudwatch: CloudWatch, ResourceARN: string | undefined) {
  if (ResourceARN === undefined) return tagOutputs([]);
  const { Tags } = await cloudwatch.listTagsForResource({ ResourceARN });
  return tagOutputs(Tags);
}

export async function syncTags(
  cloudwatch: CloudWatch,
  ResourceARN: string | undefined,
  observed: Tags,
  desired: Tags,
): Promise<void> {
  const changes = tagChanges(observed, desired);
  if (!changes || ResourceARN === undefined) return;
  const { set, remove } = changes;
  if (remove.length > 0) await cloudwatch.untagResource({ ResourceARN, TagKeys: remove });
  if (set.length > 0) await cloudwatch.tagResource({ ResourceARN, Tags: set });
}
