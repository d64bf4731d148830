import { beforeEach, describe, expect, it } from "vitest";
import { AccessLogs } from "../../infra/access-logs.ts";
import { Backups } from "../../infra/backups.ts";
import { Records } from "../../infra/records.ts";
import { SecureBucket } from "../../infra/secure-bucket.ts";
import { inputsOf, made, plain, policyOf, recordResources, registered } from "./support/mocks.ts";

const keyArn = "arn:aws:kms:us-east-1:123456789012:key/backups";
const place = { accountId: "123456789012", region: "us-east-1", keyArn };

beforeEach(recordResources);

describe("every bucket", () => {
  it("is private, versioned, encrypted, owned by its account and open over TLS only", async () => {
    await made(new SecureBucket("plain"));
    expect(inputsOf("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")).toEqual({
      bucket: "plain",
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(inputsOf("aws:s3/bucketVersioning:BucketVersioning")).toMatchObject({
      versioningConfiguration: { status: "Enabled" },
    });
    expect(inputsOf("aws:s3/bucketOwnershipControls:BucketOwnershipControls")).toMatchObject({
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    expect(
      inputsOf("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"),
    ).toMatchObject({ rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] });
    expect(policyOf(inputsOf("aws:s3/bucketPolicy:BucketPolicy"))).toEqual([
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: ["arn:aws:s3:us-east-1:123456789012:plain", "arn:aws:s3:us-east-1:123456789012:plain/*"],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
    expect(inputsOf("aws:s3/bucket:Bucket")).toEqual({ forceDestroy: false });
  });

  it("with a key takes no object under another one", async () => {
    await made(new SecureBucket("sealed", { keyArn }));
    expect(
      inputsOf("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"),
    ).toMatchObject({
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
          bucketKeyEnabled: true,
        },
      ],
    });
    const statements = policyOf(inputsOf("aws:s3/bucketPolicy:BucketPolicy"));
    expect(statements.map(({ Sid, Effect, Action }) => [Sid, Effect, Action])).toEqual([
      ["TlsOnly", "Deny", "s3:*"],
      ["KmsOnly", "Deny", "s3:PutObject"],
      ["OwnKeyOnly", "Deny", "s3:PutObject"],
      ["NoKeyOfTheWriter", "Deny", "s3:PutObject"],
    ]);
    expect(JSON.stringify(statements[2])).toContain(keyArn);
  });

  it("gives up incomplete uploads after a day and overwritten objects after 30", async () => {
    await made(new SecureBucket("plain"));
    expect(inputsOf("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")).toMatchObject({
      rules: [
        {
          status: "Enabled",
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          noncurrentVersionExpiration: { noncurrentDays: 30 },
        },
      ],
    });
  });
});

describe("Backups", () => {
  it("keeps backups for 30 days under the key, sealed with one of its own, and protects them", async () => {
    const backups = await made(new Backups("orders", { ...place, bucketName: "orders-backups" }));
    expect(await plain(backups.bucketName)).toBe("orders-backups");
    expect(inputsOf("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")).toMatchObject({
      rules: [{ expiration: { days: 30 }, noncurrentVersionExpiration: { noncurrentDays: 30 } }],
    });
    expect(inputsOf("random:index/randomPassword:RandomPassword")).toEqual({ length: 64, special: false });
    expect(inputsOf("aws:secretsmanager/secret:Secret")).toMatchObject({
      name: "orders/backup-key",
      kmsKeyId: keyArn,
      recoveryWindowInDays: 30,
    });
    expect(await plain(backups.sealingKey ?? backups.bucketName)).toBe("generated-orders-backup-key");
  });

  it("takes other retention, and makes no key where backups are not sealed", async () => {
    const backups = await made(
      new Backups("orders", { ...place, retentionDays: 7, noncurrentDays: 3, sealed: false }),
    );
    expect(inputsOf("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")).toMatchObject({
      rules: [{ expiration: { days: 7 }, noncurrentVersionExpiration: { noncurrentDays: 3 } }],
    });
    expect(backups.sealingKey).toBeUndefined();
    expect(registered.filter(({ type }) => type.startsWith("random:"))).toEqual([]);
  });

  it("locks backups in compliance mode where that is asked for", async () => {
    await made(new Backups("orders", { ...place, lock: { mode: "COMPLIANCE", days: 14 } }));
    expect(inputsOf("aws:s3/bucket:Bucket")).toMatchObject({ objectLockEnabled: true });
    expect(inputsOf("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")).toMatchObject({
      rule: { defaultRetention: { mode: "COMPLIANCE", days: 14 } },
    });
  });

  it("writes access logs under its own name", async () => {
    await made(new Backups("orders", { ...place, accessLogBucket: "logs" }));
    expect(inputsOf("aws:s3/bucketLogging:BucketLogging")).toEqual({
      bucket: "orders-backups",
      targetBucket: "logs",
      targetPrefix: "s3/orders-backups/",
    });
  });

  it("of a disposable stack can be deleted with all that is in them", async () => {
    await made(new Backups("orders", { ...place, disposable: true }));
    expect(inputsOf("aws:s3/bucket:Bucket")).toMatchObject({ forceDestroy: true });
    expect(inputsOf("aws:secretsmanager/secret:Secret")).toMatchObject({ recoveryWindowInDays: 0 });
  });
});

describe("who may handle backups", () => {
  const writers = ["arn:aws:iam::123456789012:role/nightly"];
  const readers = ["arn:aws:iam::123456789012:role/restore"];

  it("has no roles unless somebody is named to take them", async () => {
    await made(new Backups("orders", place));
    expect(registered.filter(({ type }) => type.startsWith("aws:iam"))).toEqual([]);
    expect(policyOf(inputsOf("aws:s3/bucketPolicy:BucketPolicy")).map(({ Sid }) => Sid)).not.toContain(
      "WriterOnlyWrites",
    );
  });

  it("lets the writer put and nothing else, whatever other policies say", async () => {
    await made(new Backups("orders", { ...place, writers, readers }));
    const [put] = policyOf(inputsOf("aws:iam/rolePolicy:RolePolicy", "orders-backup-writer"));
    expect(put).toMatchObject({ Action: ["s3:PutObject", "s3:AbortMultipartUpload"] });
    const refused = policyOf(inputsOf("aws:s3/bucketPolicy:BucketPolicy")).find(
      ({ Sid }) => Sid === "WriterOnlyWrites",
    );
    expect(refused).toMatchObject({
      Effect: "Deny",
      Principal: { AWS: "arn:aws:iam::123456789012:role/orders-backup-writer" },
      NotAction: ["s3:PutObject", "s3:AbortMultipartUpload"],
    });
  });

  it("lets the reader fetch and change nothing", async () => {
    await made(new Backups("orders", { ...place, writers, readers }));
    const statements = policyOf(inputsOf("aws:iam/rolePolicy:RolePolicy", "orders-backup-reader"));
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions).toEqual([
      "s3:ListBucket",
      "s3:ListBucketVersions",
      "s3:GetObject",
      "s3:GetObjectVersion",
      "kms:Decrypt",
    ]);
    expect(
      policyOf({ policy: inputsOf("aws:iam/role:Role", "orders-backup-reader").assumeRolePolicy }),
    ).toEqual([{ Effect: "Allow", Principal: { AWS: readers }, Action: "sts:AssumeRole" }]);
  });
});

describe("copies in another region", () => {
  it("lie in a bucket as strict as the first, under a key of that region, and keep what is deleted here", async () => {
    await made(
      new Backups("orders", { ...place, replicaRegion: "eu-west-1", lock: { mode: "GOVERNANCE", days: 7 } }),
    );
    expect(inputsOf("aws:s3/bucket:Bucket", "orders-backups-replica")).toEqual({
      region: "eu-west-1",
      objectLockEnabled: true,
      forceDestroy: false,
    });
    expect(inputsOf("aws:kms/key:Key", "orders-replica")).toMatchObject({ region: "eu-west-1" });
    expect(inputsOf("aws:s3/bucketReplicationConfig:BucketReplicationConfig")).toMatchObject({
      bucket: "orders-backups",
      rules: [{ status: "Enabled", deleteMarkerReplication: { status: "Disabled" } }],
    });
  });
});

describe("Records", () => {
  it("do not expire", async () => {
    await made(new Records("orders", { keyArn }));
    const { rules } = inputsOf("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
    expect(rules).toEqual([
      {
        id: "retention",
        status: "Enabled",
        filter: { prefix: "" },
        noncurrentVersionExpiration: { noncurrentDays: 365 },
        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
      },
    ]);
  });
});

describe("AccessLogs", () => {
  it("lets S3 write for its own account, and CloudFront with an ACL", async () => {
    await made(new AccessLogs("orders", { accountId: "123456789012" }));
    expect(policyOf(inputsOf("aws:s3/bucketPolicy:BucketPolicy"))[1]).toMatchObject({
      Principal: { Service: "logging.s3.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:us-east-1:123456789012:orders-access-logs/s3/*",
      Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
    });
    expect(inputsOf("aws:s3/bucketOwnershipControls:BucketOwnershipControls")).toMatchObject({
      rule: { objectOwnership: "BucketOwnerPreferred" },
    });
  });
});
