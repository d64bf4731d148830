// What AWS's APIs can tell that is not as asked for; that they are really asked, the tests of whole systems show.
import { CreateSecurityGroupCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import { CreateDBInstanceCommand, DeleteDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { describe, expect, it } from "vitest";
import { judgeCache, lookAtCache, type SeenCache } from "../../checks/provisioned/cache.ts";
import { judgeDatabase, lookAtDatabase } from "../../checks/provisioned/database.ts";
import { isKey, judgeEncryption } from "../../checks/provisioned/encryption.ts";
import { judgeRegions } from "../../checks/provisioned/run.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { stubAws } from "../support/aws.ts";
import { sharedServices } from "../support/services.ts";
import { withServer } from "./support/http-server.ts";

const keyArn = "arn:aws:kms:us-east-1:123456789012:key/1a2b";
const wanted = {
  ...{ groupId: "orders-cache", securityGroupId: "sg-1", keyArn, nodes: 2 },
  ...{ clientCidrBlocks: ["10.0.0.0/16"], snapshotDays: 7, maxmemoryPolicy: "noeviction" },
};
const group: NonNullable<SeenCache["group"]> = {
  ...{
    Status: "available",
    MemberClusters: ["a", "b"],
    TransitEncryptionEnabled: true,
    AuthTokenEnabled: true,
  },
  ...{
    AtRestEncryptionEnabled: true,
    KmsKeyId: keyArn,
    SnapshotRetentionLimit: 7,
    SnapshotWindow: "03:00-04:00",
  },
};
const inbound = ["tcp 6379 from 10.0.0.0/16"];
const good: SeenCache = { group, policy: "noeviction", securityGroupIds: ["sg-1"], inbound };

describe("the provisioned Redis", () => {
  it.each<[string, Partial<SeenCache>, string[]]>([
    ["as asked for", {}, []],
    ["gone", { group: undefined }, ["cache", "cache-transit", "cache-at-rest", "cache-snapshots"]],
    ["with one node", { group: { ...group, MemberClusters: ["a"] } }, ["cache"]],
    ["without TLS", { group: { ...group, TransitEncryptionEnabled: false } }, ["cache-transit"]],
    ["without a token", { group: { ...group, AuthTokenEnabled: false } }, ["cache-transit"]],
    ["with another key", { group: { ...group, KmsKeyId: `${keyArn}0` } }, ["cache-at-rest"]],
    ["saved for 6 days", { group: { ...group, SnapshotRetentionLimit: 6 } }, ["cache-snapshots"]],
    ["with another policy", { policy: "allkeys-lru" }, ["cache-policy"]],
    ["open to the world", { inbound: [...inbound, "tcp 6379 from 0.0.0.0/0"] }, ["cache-network"]],
    ["open on all ports", { inbound: ["-1 undefined from 10.0.0.0/16"] }, ["cache-network"]],
    ["closed to its clients", { inbound: [] }, ["cache-network"]],
    ["open to another group's clients", { securityGroupIds: ["sg-1", "sg-2"] }, ["cache-network"]],
    ["behind another group", { securityGroupIds: ["sg-2"] }, ["cache-network"]],
    ["behind no group that is known", { securityGroupIds: [] }, ["cache-network"]],
  ])("%s has the faults %2$j", (_words, different, expected) => {
    const found = judgeCache(wanted, { ...good, ...different });
    expect(found.filter(({ result }) => result !== "passed").map(({ id }) => id)).toEqual(expected);
  });
});

it("Redis is looked at with the groups that it is behind, and told as missing where it is not there", async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  const ec2 = new EC2Client({});
  const made = new CreateSecurityGroupCommand({ GroupName: "provisioned-test", Description: "test" });
  const { GroupId: securityGroupId = "" } = await ec2.send(made);
  const client = new ElastiCacheClient({});
  const replicated = {
    ReplicationGroupId: "provisioned-there",
    ReplicationGroupDescription: "test",
    NumCacheClusters: 2,
  };
  await client.send(
    new CreateReplicationGroupCommand({ ...replicated, SecurityGroupIds: [securityGroupId] }),
  );
  const there = await lookAtCache(
    { ...wanted, groupId: "provisioned-there", securityGroupId },
    AbortSignal.timeout(60_000),
  );
  expect(there.securityGroupIds).toEqual([securityGroupId]);
  const other = { CacheClusterId: "provisioned-other", Engine: "redis", CacheNodeType: "cache.t4g.micro" };
  await client.send(new CreateCacheClusterCommand({ ...other, NumCacheNodes: 1 }));
  const absent = { ...wanted, groupId: "provisioned-absent", securityGroupId };
  const seen = await lookAtCache(absent, AbortSignal.timeout(60_000));
  expect(seen).toEqual({ group: undefined, policy: undefined, securityGroupIds: [], inbound: [] });
  expect(judgeCache(absent, seen)[0]?.observed).toBe("no such group");
});

describe("encryption at rest", () => {
  const seen = { name: "a", key: keyArn, region: "us-east-1" };
  it.each([
    [[seen], "passed: all 1"],
    [[{ ...seen, key: "1a2b" }], "passed: all 1"],
    [[{ ...seen, key: undefined }], "failed: a: no key of the stack"],
    [[{ ...seen, key: "2b" }], "failed: a: another key"],
    [[], "failed: a: not there"],
  ])("of %j is %s", (found, expected) => {
    const { result, observed } = judgeEncryption("buckets", [{ name: "a", keyArn }], found);
    expect(`${result}: ${observed}`).toBe(expected);
  });

  it("is not by a key whose id only ends alike", () => {
    expect(isKey("b", keyArn)).toBe(false);
    expect(isKey("", keyArn)).toBe(false);
  });
});

describe("regions", () => {
  it.each([
    [[{ name: "a", region: "us-east-1" }], "passed: 1 resources in us-east-1"],
    [[{ name: "a", region: "eu-west-1" }], "failed: a in eu-west-1"],
    [[{ name: "a", region: "" }], "failed: a in no region"],
    [[], "failed: 0 resources in "],
  ])("of %j are %s", (places, expected) => {
    const { result, observed } = judgeRegions(["us-east-1"], places);
    expect(`${result}: ${observed}`).toBe(expected);
  });
});

describe("the database's instance", () => {
  const now = new Date("2026-01-11T12:00:00Z");
  const good = {
    StorageEncrypted: true,
    KmsKeyId: keyArn,
    BackupRetentionPeriod: 7,
    LatestRestorableTime: new Date("2026-01-11T11:45:00Z"),
  };
  it.each([
    ["as it should be", good, ["passed", "passed"]],
    ["gone", undefined, ["failed", "failed"]],
    ["in the clear", { ...good, StorageEncrypted: false }, ["failed", "passed"]],
    ["without backups", { ...good, BackupRetentionPeriod: 0 }, ["passed", "failed"]],
    ["without a point to go back to", { ...good, LatestRestorableTime: undefined }, ["passed", "failed"]],
    [
      "with an old newest point",
      { ...good, LatestRestorableTime: new Date("2026-01-11T11:44:59Z") },
      ["passed", "failed"],
    ],
  ])("%s is %3$j", (_words, instance, expected) => {
    expect(judgeDatabase("orders", instance, now).map(({ result }) => result)).toEqual(expected);
  });

  it("of Aurora has its recovery told by its cluster", async () => {
    const newest = new Date(Date.now() - 60_000);
    const answers: { [action: string]: string } = {
      DescribeDBInstances: `<DBInstances><DBInstance><DBInstanceIdentifier>orders-1</DBInstanceIdentifier><DBClusterIdentifier>orders</DBClusterIdentifier>
        <StorageEncrypted>true</StorageEncrypted><KmsKeyId>${keyArn}</KmsKeyId><BackupRetentionPeriod>1</BackupRetentionPeriod></DBInstance></DBInstances>`,
      DescribeDBClusters: `<DBClusters><DBCluster><DBClusterIdentifier>orders</DBClusterIdentifier><BackupRetentionPeriod>7</BackupRetentionPeriod>
        <LatestRestorableTime>${newest.toISOString()}</LatestRestorableTime></DBCluster></DBClusters>`,
    };
    const found = await withServer(
      (_request, response, body) => {
        const action = new URLSearchParams(body).get("Action") ?? "";
        response.setHeader("content-type", "text/xml");
        response.end(
          `<${action}Response><${action}Result>${answers[action]}</${action}Result></${action}Response>`,
        );
      },
      async (url) => {
        stubAws(url);
        return lookAtDatabase("orders-1", AbortSignal.timeout(20_000));
      },
    );
    const judged = judgeDatabase("orders-1", found, new Date());
    expect(judged.map(({ result }) => result)).toEqual(["passed", "passed"]);
    expect(judged[1]?.observed).toMatch(/^7 days back, newest point 1\.0 minutes old$/);
  });

  it("is not applicable where none is named", () => {
    const results = judgeDatabase(undefined, undefined, now).map(({ id, result }) => `${id} ${result}`);
    expect(results).toEqual(["database-at-rest notApplicable", "database-recovery notApplicable"]);
  });

  it("is asked for by RDS's own interface", async () => {
    Object.assign(process.env, servicesEnvironment(await sharedServices()));
    const client = new RDSClient({});
    const signal = AbortSignal.timeout(60_000);
    const id = "provisioned-test";
    await client.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: id,
        DBInstanceClass: "db.t4g.small",
        Engine: "postgres",
        MasterUsername: "administrator",
        MasterUserPassword: "only-of-this-test",
        AllocatedStorage: 20,
        StorageEncrypted: true,
        BackupRetentionPeriod: 7,
      }),
    );
    try {
      expect(await lookAtDatabase(id, signal)).toMatchObject({
        StorageEncrypted: true,
        BackupRetentionPeriod: 7,
      });
      expect(await lookAtDatabase("nobodys", signal)).toBeUndefined();
    } finally {
      await client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true }));
    }
  });
});
