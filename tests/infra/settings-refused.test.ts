// Settings that would be refused only when something is made of them.
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { faultsOf, MINIMAL, sectionFaults } from "./support/faults.ts";

/** The faults of a stack that is watched. */
const watched = (alarms: object, agent: object, logs: object) =>
  faultsOf(
    stringify({
      config: {
        "aws:region": "us-east-1",
        "greenlight:system": { name: "orders", awsAccountId: "123456789012" },
        "greenlight:alarms": alarms,
        "greenlight:agent": agent,
        "greenlight:logs": logs,
      },
    }),
  );

describe("what AWS or PostgreSQL would refuse late is told at once:", () => {
  const faultOf = (name: string, value: unknown) => sectionFaults(name, value).join("\n");

  it.each([
    ["a system whose name leaves ElastiCache no room", "system", { name: "orders-of-the-whole-country" }],
    ["a system whose name ElastiCache does not take", "system", { name: "orders--eu" }],
  ])("%s", (_what, name, value) => {
    expect(faultOf(name, { awsAccountId: "123456789012", ...value })).toContain("greenlight:cache");
  });

  it.each([
    ["STANDARD_IA before 30 days", [{ days: 29, storageClass: "STANDARD_IA" }]],
    [
      "a class less than 30 days after STANDARD_IA",
      [
        { days: 30, storageClass: "STANDARD_IA" },
        { days: 59, storageClass: "GLACIER" },
      ],
    ],
    [
      "a dearer class after a cheaper one",
      [
        { days: 1, storageClass: "GLACIER" },
        { days: 60, storageClass: "STANDARD_IA" },
      ],
    ],
    [
      "one class twice",
      [
        { days: 1, storageClass: "GLACIER" },
        { days: 2, storageClass: "GLACIER" },
      ],
    ],
  ])("transitions with %s", (_what, transitions) => {
    expect(faultOf("backup", { retentionDays: 90, transitions })).toContain("want transitions from the");
  });

  it("takes transitions in S3's order", () => {
    const transitions = [
      { days: 30, storageClass: "STANDARD_IA" },
      { days: 60, storageClass: "GLACIER_IR" },
      { days: 61, storageClass: "DEEP_ARCHIVE" },
    ];
    expect(faultOf("backup", { retentionDays: 90, transitions })).toBe("");
  });

  it.each(["99 2 * * *", "0 0 30 2 *", "a b c d e"])("a plan that never comes up: %s", (cron) => {
    expect(faultOf("backup", { schedule: { cron } })).toContain("greenlight:backup.schedule.cron");
  });

  it.each([
    ["a version that ElastiCache has not", { engineVersion: "8.0" }, "engineVersion"],
    ["an hour that is none", { snapshotWindow: "25:00-26:00" }, "snapshotWindow"],
    ["a window of half an hour", { snapshotWindow: "01:00-01:30" }, "snapshotWindow"],
    ["snapshots during maintenance", { snapshotWindow: "05:00-06:00" }, "snapshotWindow"],
    [
      "snapshots into a maintenance past midnight",
      { snapshotWindow: "23:00-00:30", maintenanceWindow: "tue:00:00-tue:01:00" },
      "snapshotWindow",
    ],
    ["a short maintenance", { maintenanceWindow: "sun:23:30-mon:00:00" }, "maintenanceWindow"],
  ])("for Redis, %s", (_what, cache, setting) => {
    expect(faultOf("cache", cache)).toContain(`greenlight:cache.${setting}`);
  });

  it("takes windows that follow each other, over midnight and over the week's end too", () => {
    const cache = { snapshotWindow: "00:30-01:30", maintenanceWindow: "sun:23:30-mon:00:30" };
    expect(faultOf("cache", cache)).toBe("");
  });

  it.each([
    [{ periodSeconds: 1800, datapoints: 49 }, true],
    [{ periodSeconds: 1800, datapoints: 48 }, false],
    [{ periodSeconds: 86_400, datapoints: 8 }, true],
    [{ periodSeconds: 86_400, datapoints: 7 }, false],
  ])("an alarm that looks back further than CloudWatch: %o", (timing, refused) => {
    const faults = faultOf("alarms", { rules: { diskFree: { belowPercent: 10, ...timing } } });
    expect(faults.includes("greenlight:alarms.rules.diskFree.datapoints")).toBe(refused);
  });

  const url = "http://127.0.0.1/";
  const labels = { status: { matches: "5(." } };
  const marks = [{ name: "m", minutes: 1, checks: [{ name: "c", measure: "a", maximum: 1 }] }];
  it.each([
    ["candidate", { command: ["node"], log: { file: "c.log", normal: "INFO(" } }, "log.normal"],
    ["candidate", { command: ["node"], log: { file: "c.log", failure: "ERROR(" } }, "log.failure"],
    [
      "metrics",
      {
        url,
        families: [{ name: "a", metric: "a", type: "counter" }],
        counts: [{ name: "a", metric: "a", labels, request: { url } }],
      },
      "counts[0].labels.status",
    ],
    ["observation", { measures: { a: { prometheus: { url, metric: "a", labels } } }, marks }, "measures.a"],
    ["observation", { measures: { a: { histogram: { url, metric: "a", labels } } }, marks }, "measures.a"],
  ])("a pattern that is none, in %s: %o", (name, value, setting) => {
    expect(faultOf(name, value)).toContain(`greenlight:${name}.${setting}`);
  });

  it.each([
    [{ rules: { memory: { abovePercent: 80, periodSeconds: 30 } } }, { intervalSeconds: 60 }, {}],
    [{ rules: { memory: { abovePercent: 80 } } }, { intervalSeconds: 61 }, {}],
    [
      { rules: { logErrors: { aboveLines: 5, periodSeconds: 30 } } },
      { intervalSeconds: 10 },
      { errorPattern: "ERROR" },
    ],
  ])("periods in which nothing writes the metric: %#", (alarms, agent, logs) => {
    const [fault, ...others] = watched(alarms, agent, logs);
    expect(fault).toMatch(
      /greenlight:alarms\.rules\.\w+\.periodSeconds: (30|60) seconds, want at least 6[01]/,
    );
    expect(others).toEqual([]);
  });

  it("takes periods as long as the agent's interval", () => {
    const alarms = { rules: { memory: { abovePercent: 80, periodSeconds: 30 } } };
    expect(watched(alarms, { intervalSeconds: 30 }, {})).toEqual([]);
  });

  it.each(["10.0.0.0/8", "10.20.0.0/28", "10.20.0.7/24"])("a network of the range %s", (cidrBlock) => {
    expect(faultOf("network", { cidrBlock })).toContain("greenlight:network.cidrBlock");
  });

  it("clients in a range that does not begin at its first address", () => {
    expect(faultOf("network", { cidrBlock: "10.20.0.0/24", clientCidrBlocks: ["10.0.0.5/16"] })).toContain(
      'clientCidrBlocks[0]: "10.0.0.5/16", want a range from its first address on, 10.0.0.0/16',
    );
  });

  it("one zone for both subnets, which are no zones for failover", () => {
    const availabilityZones = ["us-east-1a", "us-east-1a"];
    expect(faultOf("network", { cidrBlock: "10.20.0.0/24", availabilityZones })).toContain("two different");
  });

  it("an archive of logs without an account, which nothing would be written to", () => {
    expect(faultsOf(`${MINIMAL}  greenlight:logArchive: {}\n`).join()).toContain(
      "greenlight:system.awsAccountId: nothing, want the 12 digits",
    );
  });

  it.each([
    "repo:order?/orders:ref:x",
    "repo:orders/order?:ref:x",
    "repo:orders/*:ref:x",
  ])("a job of a repository that is not named, which IAM would let in: %s", (subject) => {
    expect(faultOf("deployer", { ci: { subjects: [subject] } })).toContain("deployer.ci.subjects[0]");
  });

  it("a namespace of AWS's own", () => {
    expect(faultOf("alarms", { rules: {}, namespace: "AWS/orders" })).toContain("alarms.namespace");
  });

  it("a stream without a role, and a group twice", () => {
    const destinationArn = "arn:aws:kinesis:us-east-1:123456789012:stream/lines";
    const faults = faultOf("logs", {
      groups: ["application", "application"],
      subscription: { destinationArn },
    });
    expect(faults).toContain("greenlight:logs.subscription.roleArn");
    expect(faults).toContain("want each group once");
  });

  it.each([
    "default-src 'self'\n",
    "default-src 'self';\n  img-src *",
    " default-src 'self'",
  ])("a policy of the site that is no header: %j", (contentSecurityPolicy) => {
    const faults = faultOf("site", { directory: "dist", contentSecurityPolicy });
    expect(faults).toContain("greenlight:site.contentSecurityPolicy");
  });

  it("a copy in the same region, which is lost with it", () => {
    expect(faultOf("backup", { replicaRegion: "us-east-1" })).toContain("greenlight:backup.replicaRegion");
  });

  it("a copy where S3 copies nothing from here", () => {
    expect(faultOf("backup", { replicaRegion: "cn-north-1" })).toContain("greenlight:backup.replicaRegion");
  });

  it("zones of another region, and subnets that would not be used or are one", () => {
    const cidrBlock = "10.20.0.0/24";
    expect(faultOf("network", { cidrBlock, availabilityZones: ["us-east-1a", "eu-west-1b"] })).toContain(
      "greenlight:network.availabilityZones[1]: eu-west-1b, want a zone of the stack's region, such as us-east-1a",
    );
    expect(faultOf("network", { cidrBlock, availabilityZones: ["us-east-1a", "us-east-1f"] })).toBe("");
    expect(faultOf("network", { cidrBlock, subnetIds: ["subnet-0a", "subnet-0b"] })).toContain(
      "greenlight:network.subnetIds",
    );
    const adopted = { vpcId: "vpc-0a", clientCidrBlocks: ["10.0.0.0/16"] };
    expect(faultOf("network", { ...adopted, subnetIds: ["subnet-0a", "subnet-0a"] })).toContain(
      "want each subnet once",
    );
  });

  it.each([
    "https://ana:s3cret@app.example.com/",
    "https://10.0.0.1/health",
    "health",
    "http://localhost:3000/health",
    `https://app.example.com/${"a".repeat(255)}`,
  ])("a probe of what Route 53 cannot ask: %s", (health) => {
    const faults = faultOf("probes", { urls: { health } });
    expect(faults).toContain("greenlight:probes.urls.health");
    expect(faults).not.toContain("s3cret");
  });

  it("takes a probe of the longest path, and a name of another script", () => {
    const health = `https://xn--e1afmkfd.xn--p1ai/${"a".repeat(254)}`;
    expect(faultOf("probes", { urls: { health } })).toBe("");
    const site = { directory: "dist", domains: ["www.xn--e1afmkfd.xn--p1ai"], zoneId: "Z0123456789" };
    expect(faultOf("site", site)).toBe("");
  });

  it.each([
    [30, ""],
    [45, "greenlight:observation.measures.errors.cloudwatch.periodSeconds: 45"],
    [90, "greenlight:observation.measures.errors.cloudwatch.periodSeconds: 90"],
    [120, ""],
  ])("an observed metric's datapoints of %s seconds, which CloudWatch has or has not", (periodSeconds, fault) => {
    const cloudwatch = { namespace: "orders", metricName: "Errors", periodSeconds };
    const checks = [{ name: "errors", measure: "errors", maximum: 1, trigger: "immediate" }];
    const observation = {
      measures: { errors: { cloudwatch } },
      marks: [{ name: "first-hour", minutes: 60, checks }],
    };
    if (fault === "") expect(faultOf("observation", observation)).toBe("");
    else expect(faultOf("observation", observation)).toContain(fault);
  });

  it("a bucket of two parts, which would set each other's retention", () => {
    expect(faultOf("record", { bucketName: "orders-backups" })).toContain(
      "want another bucket than that of greenlight:backup",
    );
  });

  it.each(["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1"])("the region %s", (region) => {
    expect(faultsOf(MINIMAL.replace("us-east-1", region)).join()).toContain("aws:region");
  });
});

it("a misspelled rule of lint, which would stop no release, is told with those that there are", () => {
  const faults = (lintFailOn: string[]) =>
    sectionFaults("migration", { directory: "migrations", lintFailOn }).filter((one) =>
      one.includes("lintFailOn"),
    );
  expect(faults(["error", "drop-table", "notice"])).toEqual([]);
  expect(faults(["error", "drop-tabel"]).join()).toMatch(/lintFailOn.*drop-tabel.*drop-table/s);
});
