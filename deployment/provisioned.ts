// What the step that reads back what was provisioned is told: what was asked for.
import { Provisioned } from "../checks/provisioned.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import type { Stack } from "./stack.ts";

export function provisioned(stack: Stack): void {
  const { settings, estate, sequence } = stack;
  const { keys, cache, backups, records, logs, application, agent } = estate;
  if (!settings.provisioned || !keys) return;
  const { nodes = 2, snapshotDays = 7, maxmemoryPolicy = "noeviction" } = settings.cache ?? {};
  const buckets = [backups?.bucketName, records?.bucketName].filter((name) => name !== undefined);
  const secrets = [application?.secretName, agent?.secretName].filter((name) => name !== undefined);
  sequence.add(Provisioned, "provisioned", {
    regions: settings.provisioned.regions,
    cache: cache && {
      groupId: cache.groupId,
      securityGroupId: cache.securityGroupId,
      clientCidrBlocks: cache.clientCidrBlocks,
      keyArn: settings.provisioned.cacheKey ? keys.data : undefined,
      nodes,
      snapshotDays,
      maxmemoryPolicy,
    },
    databaseInstance: settings.provisioned.databaseInstance,
    buckets: buckets.map((name) => ({ name, keyArn: keys.backups })),
    logGroups: (logs?.groupNames ?? []).map((name) => ({ name, keyArn: keys.logs })),
    secrets: secrets.map((name) => ({ name, keyArn: keys.data })),
    access: application && {
      secretArn: application.secretArn,
      reads: [application.policyArn],
      readsNot: agent ? [agent.policyArn] : [],
    },
    ...stepOptions(settings.provisioned),
  });
}
