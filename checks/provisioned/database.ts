// The database's instance as RDS tells it: encrypted where it is stored, and kept so that it can go back to a point in time.
import type { DBInstance } from "@aws-sdk/client-rds";
import { type Observation, observe } from "../step/definition.ts";

/** RDS ships its log every five minutes; so old the newest point may be. */
const NEWEST_MINUTES = 15;

/** @throws when the API cannot be asked; undefined where there is no such instance */
export async function lookAtDatabase(
  instanceId: string,
  abortSignal: AbortSignal,
): Promise<DBInstance | undefined> {
  const { RDSClient, DescribeDBClustersCommand, DescribeDBInstancesCommand, DBInstanceNotFoundFault } =
    await import("@aws-sdk/client-rds");
  const client = new RDSClient({});
  try {
    const asked = new DescribeDBInstancesCommand({ DBInstanceIdentifier: instanceId });
    const { DBInstances: [instance] = [] } = await client.send(asked, { abortSignal });
    if (!instance?.DBClusterIdentifier) return instance;
    // Of Aurora only the cluster tells, since that has the storage.
    const ofCluster = new DescribeDBClustersCommand({ DBClusterIdentifier: instance.DBClusterIdentifier });
    const { DBClusters: [cluster] = [] } = await client.send(ofCluster, { abortSignal });
    const { BackupRetentionPeriod, LatestRestorableTime } = cluster ?? {};
    return { ...instance, BackupRetentionPeriod, LatestRestorableTime };
  } catch (error) {
    if (error instanceof DBInstanceNotFoundFault) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

/** Observations `database-at-rest` and `database-recovery`; without an instance nobody can look. */
export function judgeDatabase(
  instanceId: string | undefined,
  instance: DBInstance | undefined,
  now: Date,
): Observation[] {
  const atRest = { id: "database-at-rest", expected: "the database encrypted at rest" };
  const recovery = {
    id: "database-recovery",
    expected: `the database can go back to any point in time, up to ${NEWEST_MINUTES} minutes ago`,
  };
  if (instanceId === undefined) {
    const observed = "the stack names no instance of RDS to look at";
    return [atRest, recovery].map((one) => ({ ...one, result: "notApplicable" as const, observed }));
  }
  const days = instance?.BackupRetentionPeriod ?? 0;
  const newest = instance?.LatestRestorableTime;
  const minutes = newest === undefined ? undefined : (now.getTime() - newest.getTime()) / 60_000;
  const seen =
    minutes === undefined ? "no point to go back to" : `newest point ${minutes.toFixed(1)} minutes old`;
  const missing = instance === undefined ? `no instance ${instanceId}` : undefined;
  return [
    observe(
      atRest.id,
      instance?.StorageEncrypted === true,
      atRest.expected,
      missing ??
        (instance?.StorageEncrypted
          ? `encrypted with ${instance.KmsKeyId ?? "a key of AWS"}`
          : "not encrypted"),
    ),
    observe(
      recovery.id,
      days > 0 && minutes !== undefined && minutes <= NEWEST_MINUTES,
      recovery.expected,
      missing ?? `${days} days back, ${seen}`,
    ),
  ];
}
