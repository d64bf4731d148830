// What AWS's APIs can tell that is not as asked for; that they are really asked, the tests of whole systems show.
import { describe, expect, it } from "vitest";
import { judgeCache, type SeenCache } from "../../checks/provisioned/cache.ts";
import { isKey, judgeEncryption } from "../../checks/provisioned/encryption.ts";
import { judgeRegions } from "../../checks/provisioned/run.ts";

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
const good: SeenCache = { group, policy: "noeviction", inbound };

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
  ])("%s has the faults %2$j", (_words, different, expected) => {
    const found = judgeCache(wanted, { ...good, ...different });
    expect(found.filter(({ result }) => result !== "passed").map(({ id }) => id)).toEqual(expected);
  });
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
