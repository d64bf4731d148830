// A real stack on the emulator with IAM enforced: deployed by an identity that has the deployer's policies and no other, and
// then every identity of it tries what it may and what it may not. Plain HTTP, drift and repair as well.
import { randomBytes } from "node:crypto";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { STS } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchange } from "../../checks/http/request.ts";
import { policiesOf } from "../../infra/deployer.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { Program } from "./support/program.ts";
import { type StandIn, tlsStandIn } from "./support/tls-stand-in.ts";

const MINUTE = 60_000;
const accountId = "123456789012";
const region = "us-east-1";
const name = `access-${randomBytes(3).toString("hex")}`;
const backupBucket = `${name}-kept`;
/** Takes the roles; may do nothing itself. */
const person = `${name}-person`;

const STACK = `
config:
  aws:region: ${region}
  greenlight:system: {name: ${name}, awsAccountId: "${accountId}", disposable: true}
  greenlight:logs: {}
  greenlight:database: {adminUrl: "\${GREENLIGHT_DATABASE_URL}", databaseName: ${name.replace("-", "_")}}
  greenlight:release: {version: 1.0.0}
  greenlight:backup:
    bucketName: ${backupBucket}
    retentionDays: 7
    lockDays: 1
    lockMode: GOVERNANCE
    replicaRegion: eu-west-1
    writers: ["arn:aws:iam::${accountId}:user/${person}"]
    readers: ["arn:aws:iam::${accountId}:user/${person}"]
  greenlight:application: {environment: {NODE_ENV: production}, generated: {JWT_SECRET: {}}}
  greenlight:site: {directory: site, edgeUrl: "\${EMULATOR_URL}"}
  greenlight:record: {}
`;

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

let emulator = "";
let root: Keys;
let secure: StandIn;
let program: Program;
let deployed = "";
let personKeys: Keys;

const clientOf = (credentials: Keys, endpoint = secure.url) => ({
  endpoint,
  region,
  credentials,
  maxAttempts: 1,
});
const s3 = (credentials: Keys, endpoint?: string) =>
  new S3({ ...clientOf(credentials, endpoint), forcePathStyle: true });

/** A user with these policies. */
async function newUser(UserName: string, policies: string[]): Promise<Keys> {
  const iam = new IAM(clientOf(root));
  await iam.createUser({ UserName });
  for (const [index, PolicyDocument] of policies.entries())
    await iam.putUserPolicy({ UserName, PolicyName: `policy-${index}`, PolicyDocument });
  const { AccessKey } = await iam.createAccessKey({ UserName });
  return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
}

/**
 * The emulator asks for many calls of these services without naming the resource, where AWS names it. Their actions are held to
 * the deployer's policies here, their resources are not; those of S3, Secrets Manager and CloudWatch Logs are.
 */
const UNNAMED = /^(cloudfront|iam|kms|wafv2):/;

function withoutResources(policy: string): string[] {
  const statements: { Effect: string; Action?: string[] }[] = JSON.parse(policy).Statement;
  const Action = statements
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap((statement) => statement.Action ?? [])
    .filter((action) => UNNAMED.test(action));
  if (Action.length === 0) return [];
  return [JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] })];
}

/** What the person is once it has taken a role. */
async function as(role: string): Promise<Keys> {
  const { Credentials } = await new STS(clientOf(personKeys)).assumeRole({
    RoleArn: `arn:aws:iam::${accountId}:role/${name}-${role}`,
    RoleSessionName: "test",
  });
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken,
  };
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => "allowed",
    (error: Error) => error.name,
  );

beforeAll(async () => {
  const environment = servicesEnvironment(await sharedServices());
  emulator = environment.AWS_ENDPOINT_URL ?? "";
  root = {
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "",
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "",
  };
  secure = await tlsStandIn(emulator);
  personKeys = await newUser(person, [
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "sts:AssumeRole", Resource: `arn:aws:iam::${accountId}:role/${name}-*` },
      ],
    }),
  ]);
  const policies = policiesOf({
    name,
    accountId,
    region,
    bucketNames: [backupBucket],
    services: ["kms", "s3", "secretsmanager", "logs", "cloudfront", "wafv2", "iam"],
  });
  const deployer = await newUser(`${name}-ci`, [...policies, ...policies.flatMap(withoutResources)]);
  program = await Program.with(STACK, {
    ...environment,
    EMULATOR_URL: emulator,
    AWS_ENDPOINT_URL: secure.url,
    AWS_ACCESS_KEY_ID: deployer.accessKeyId,
    AWS_SECRET_ACCESS_KEY: deployer.secretAccessKey,
  });
  deployed = await program.pulumi(["up", "--yes", "--skip-preview", "--stack", "test"]);
}, 4 * MINUTE);

afterAll(async () => {
  // The deployer may not break the lock of backups, as is right; the run's end removes them with the emulator.
  secure.close();
  await program.remove();
});

it("deploys with the deployer's permissions alone", () => {
  expect(deployed).toMatch(/\d+ created/);
});

describe("who brings backups", () => {
  it("puts them, and can neither read, list nor delete one", async () => {
    const writer = s3(await as("backup-writer"));
    const put = await writer.putObject({ Bucket: backupBucket, Key: "nightly/1", Body: "backup" });
    const which = { Bucket: backupBucket, Key: "nightly/1" };
    expect(put.VersionId).toBeDefined();
    expect(await refusal(writer.getObject(which))).toBe("AccessDenied");
    expect(await refusal(writer.listObjectsV2({ Bucket: backupBucket }))).toBe("AccessDenied");
    expect(await refusal(writer.deleteObject(which))).toBe("AccessDenied");
    expect(await refusal(writer.deleteObject({ ...which, VersionId: put.VersionId }))).toBe("AccessDenied");
  });

  it("is refused by the bucket itself, whatever else it is allowed", async () => {
    const iam = new IAM(clientOf(root));
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
    });
    const mistake = { RoleName: `${name}-backup-writer`, PolicyName: "mistake" };
    await iam.putRolePolicy({ ...mistake, PolicyDocument });
    const writer = s3(await as("backup-writer"));
    expect(await refusal(writer.getObject({ Bucket: backupBucket, Key: "nightly/1" }))).toBe("AccessDenied");
    await iam.deleteRolePolicy(mistake);
  });
});

describe("who fetches backups", () => {
  it("lists and reads them, and can neither put nor delete one", async () => {
    const reader = s3(await as("backup-reader"));
    const { Contents = [] } = await reader.listObjectsV2({ Bucket: backupBucket, Prefix: "nightly/" });
    expect(Contents.map(({ Key }) => Key)).toEqual(["nightly/1"]);
    const { Body } = await reader.getObject({ Bucket: backupBucket, Key: "nightly/1" });
    expect(await Body?.transformToString()).toBe("backup");
    expect(await refusal(reader.putObject({ Bucket: backupBucket, Key: "x", Body: "x" }))).toBe(
      "AccessDenied",
    );
    expect(await refusal(reader.deleteObject({ Bucket: backupBucket, Key: "nightly/1" }))).toBe(
      "AccessDenied",
    );
  });
});

describe("a bucket", () => {
  it("refuses plain HTTP, to those too who may do everything", async () => {
    const everything = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    });
    const administrator = await newUser(`${name}-administrator`, [everything]);
    const list = (endpoint: string) => s3(administrator, endpoint).listObjectsV2({ Bucket: backupBucket });
    expect(await refusal(list(emulator))).toBe("AccessDenied");
    expect(await refusal(list(secure.url))).toBe("allowed");
  });

  it("refuses an object that is encrypted otherwise", async () => {
    const writer = s3(await as("backup-writer"));
    const plain = { Bucket: backupBucket, Key: "other", Body: "x", ServerSideEncryption: "AES256" as const };
    expect(await refusal(writer.putObject(plain))).toBe("AccessDenied");
  });

  it("of the site is closed to all but its distribution, which serves it", async () => {
    const { site = "" } = JSON.parse(
      await program.pulumi(["stack", "output", "addresses", "--json", "--stack", "test"]),
    );
    const host = new URL(site).host;
    const served = await exchange({
      url: `${emulator}/index.html`,
      method: "GET",
      headers: { host, "x-forwarded-proto": "https" },
      timeoutSeconds: 15,
      signal: AbortSignal.timeout(15_000),
    });
    const { Buckets = [] } = await s3(root).listBuckets({});
    const bucket = Buckets.find(({ Name = "" }) => Name.startsWith(`${name}-site-`))?.Name;
    const direct = await fetch(`${secure.url}/${bucket}/index.html`);
    expect([served.status, direct.status]).toEqual([200, 403]);
  });

  it("is copied to the other region", async () => {
    const { Buckets = [] } = await s3(root).listBuckets({});
    const replica = Buckets.find(({ Name = "" }) => Name.startsWith(`${name}-backups-replica`))?.Name;
    const elsewhere = new S3({ ...clientOf(root), region: "eu-west-1", forcePathStyle: true });
    const { Body } = await elsewhere.getObject({ Bucket: replica, Key: "nightly/1" });
    expect(await Body?.transformToString()).toBe("backup");
  });
});

describe("the application", () => {
  it("reads its own secret, and no other of the stack", async () => {
    const { PolicyVersion } = await new IAM(clientOf(root)).getPolicyVersion({
      PolicyArn: `arn:aws:iam::${accountId}:policy/${name}-application`,
      VersionId: "v1",
    });
    const keys = await newUser(`${name}-application`, [decodeURIComponent(PolicyVersion?.Document ?? "")]);
    const manager = new SecretsManager(clientOf(keys));
    const { SecretString = "" } = await manager.getSecretValue({ SecretId: `${name}/application` });
    expect(JSON.parse(SecretString)).toMatchObject({ NODE_ENV: "production" });
    expect(await refusal(manager.getSecretValue({ SecretId: `${name}/backup-key` }))).toBe(
      "AccessDeniedException",
    );
    expect(
      await refusal(manager.putSecretValue({ SecretId: `${name}/application`, SecretString: "{}" })),
    ).toBe("AccessDeniedException");
  });
});

describe("what somebody changed by hand", () => {
  const preview = () => program.pulumi(["preview", "--refresh", "--diff", "--stack", "test"]);

  it(
    "is nothing right after an update",
    async () => {
      const refreshed = await program.pulumi(["refresh", "--yes", "--skip-preview", "--stack", "test"]);
      expect(refreshed).toMatch(/aws:s3\/bucketPolicy:BucketPolicy/);
      expect(refreshed.match(/(aws|postgresql|random):\S+ \S+ (updated|deleted)/g)).toBeNull();
    },
    2 * MINUTE,
  );

  it(
    "is shown by the preview and repaired by the update",
    async () => {
      const administrator = s3(root);
      await administrator.deletePublicAccessBlock({ Bucket: backupBucket });
      const { Policy = "" } = await administrator.getBucketPolicy({ Bucket: backupBucket });
      const weaker = JSON.stringify({
        ...JSON.parse(Policy),
        Statement: JSON.parse(Policy).Statement.slice(1),
      });
      await administrator.putBucketPolicy({ Bucket: backupBucket, Policy: weaker });
      const shown = await preview();
      expect(shown).toMatch(/bucketPublicAccessBlock/i);
      expect(shown).toMatch(/bucketPolicy/i);
      await program.pulumi(["up", "--yes", "--refresh", "--skip-preview", "--stack", "test"]);
      const { PublicAccessBlockConfiguration: block } = await administrator.getPublicAccessBlock({
        Bucket: backupBucket,
      });
      expect(Object.values(block ?? {})).toEqual([true, true, true, true]);
      const { Policy: repaired = "" } = await administrator.getBucketPolicy({ Bucket: backupBucket });
      expect(JSON.parse(repaired)).toEqual(JSON.parse(Policy));
    },
    3 * MINUTE,
  );
});
