// Controls of Amazon S3. A bucket's settings are resources of their own beside it.
import type { Registered } from "../support/mocks.ts";
import { at, type Control, companions, listed, type Met, set, statementsOf, without } from "./control.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const CLOSED = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
const LOGGING = "aws:s3/bucketLogging:BucketLogging";
const OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls";
const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig";
const LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration";
const SWITCHES = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

/** A setting of the bucket; undefined when it has none. */
const ofBucket = (type: string, bucket: Registered, estate: Registered[]) =>
  companions(estate, type, "bucket", bucket.inputs.bucket ?? bucket.name)[0];

const isAccessLog = ({ name }: Registered) => name.endsWith("-access-logs");
const holdsBackups = ({ name }: Registered) => /-backups(-replica)?$/.test(name);

const absent =
  (type: string): Met["breaks"][number] =>
  (bucket, estate) => {
    const found = ofBucket(type, bucket, estate);
    if (found) without(estate, found);
  };

const changed =
  (type: string, path: (string | number)[], value: unknown): Met["breaks"][number] =>
  (bucket, estate) => {
    const found = ofBucket(type, bucket, estate);
    if (found) set(found.inputs, path, value);
  };

const rewritten =
  (change: (text: string) => string): Met["breaks"][number] =>
  (bucket, estate) => {
    const found = ofBucket(POLICY, bucket, estate);
    if (found) found.inputs.policy = change(String(found.inputs.policy));
  };

export const s3: Control[] = [
  {
    id: "S3.1",
    asks: "public access is blocked for the account",
    type: BUCKET,
    waived:
      "an account-wide setting belongs to the account, not to a stack in it; S3.8 holds for every bucket",
  },
  {
    id: "S3.2, S3.3, S3.8, CIS 2.1.4",
    asks: "no public read or write",
    type: BUCKET,
    met: "all four switches of the bucket's public access block are on",
    holds: (bucket, estate) =>
      SWITCHES.every((name) => ofBucket(CLOSED, bucket, estate)?.inputs[name] === true),
    breaks: [absent(CLOSED), ...SWITCHES.map((name) => changed(CLOSED, [name], false))],
  },
  {
    id: "S3.5, CIS 2.1.1",
    asks: "requests use TLS",
    type: BUCKET,
    met: "the bucket policy denies every action without TLS, on the bucket and on its objects",
    holds: (bucket, estate) =>
      statementsOf(ofBucket(POLICY, bucket, estate)?.inputs.policy ?? '{"Statement":[]}').some(
        ({ Effect, Principal, Action, Resource, Condition }) =>
          Effect === "Deny" &&
          Principal === "*" &&
          Action === "s3:*" &&
          listed(Resource).length === 2 &&
          Condition?.Bool?.["aws:SecureTransport"] === "false",
      ),
    breaks: [
      absent(POLICY),
      rewritten((text) => text.replace('"aws:SecureTransport":"false"', '"aws:SecureTransport":"true"')),
      rewritten((text) => text.replace('"Effect":"Deny"', '"Effect":"Allow"')),
      rewritten((text) => text.replace('"Action":"s3:*"', '"Action":"s3:GetObject"')),
    ],
  },
  {
    id: "S3.6",
    asks: "policies grant other accounts nothing sensitive",
    type: BUCKET,
    met: "a bucket policy allows named AWS services only; everything else in it denies",
    holds: (bucket, estate) =>
      statementsOf(ofBucket(POLICY, bucket, estate)?.inputs.policy).every(
        ({ Effect, Principal }) => Effect === "Deny" || at(Principal, ["Service"]) !== undefined,
      ),
    breaks: [
      rewritten((text) => text.replace('"Effect":"Deny"', '"Effect":"Allow"')),
      rewritten((text) =>
        text.replace(
          '"Statement":[',
          '"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"s3:DeleteObject","Resource":"*"},',
        ),
      ),
    ],
  },
  {
    id: "S3.7",
    asks: "objects are replicated to another region",
    type: BUCKET,
    about: (bucket) => bucket.name.endsWith("-backups"),
    optional: true,
    met: "backups are replicated where `greenlight:backup.replicaRegion` is set; other buckets hold what can be made again",
    holds: (bucket, estate) =>
      at(ofBucket(REPLICATION, bucket, estate)?.inputs, ["rules", 0, "status"]) === "Enabled",
    breaks: [absent(REPLICATION), changed(REPLICATION, ["rules", 0, "status"], "Disabled")],
  },
  {
    id: "S3.9, CIS 3.4",
    asks: "server access logs are kept",
    type: BUCKET,
    about: (bucket) => !isAccessLog(bucket) && !bucket.name.endsWith("-replica"),
    met: "access logs go to the stack's log bucket (which does not log into itself; a replica is read by nobody but a restore)",
    holds: (bucket, estate) => ofBucket(LOGGING, bucket, estate)?.inputs.targetBucket !== undefined,
    breaks: [absent(LOGGING), changed(LOGGING, ["targetBucket"], undefined)],
  },
  {
    id: "S3.10, S3.13",
    asks: "a lifecycle, also for old versions",
    type: BUCKET,
    met: "old versions expire and incomplete uploads are given up",
    holds: (bucket, estate) => {
      const rule = at(ofBucket(LIFECYCLE, bucket, estate)?.inputs, ["rules", 0]);
      return (
        at(rule, ["status"]) === "Enabled" &&
        typeof at(rule, ["noncurrentVersionExpiration", "noncurrentDays"]) === "number" &&
        typeof at(rule, ["abortIncompleteMultipartUpload", "daysAfterInitiation"]) === "number"
      );
    },
    breaks: [
      absent(LIFECYCLE),
      changed(LIFECYCLE, ["rules", 0, "status"], "Disabled"),
      changed(LIFECYCLE, ["rules", 0, "noncurrentVersionExpiration"], undefined),
      changed(LIFECYCLE, ["rules", 0, "abortIncompleteMultipartUpload"], undefined),
    ],
  },
  {
    id: "S3.11",
    asks: "event notifications",
    type: BUCKET,
    waived: "nothing acts on single objects here; who read and wrote is in the access logs (S3.9)",
  },
  {
    id: "S3.12",
    asks: "no access by ACL",
    type: BUCKET,
    about: (bucket) => !isAccessLog(bucket),
    met: "ownership is enforced, which switches ACLs off; only the log bucket takes them, since CloudFront writes with one",
    holds: (bucket, estate) =>
      at(ofBucket(OWNERSHIP, bucket, estate)?.inputs, ["rule", "objectOwnership"]) === "BucketOwnerEnforced",
    breaks: [absent(OWNERSHIP), changed(OWNERSHIP, ["rule", "objectOwnership"], "ObjectWriter")],
  },
  {
    id: "S3.14",
    asks: "versioning",
    type: BUCKET,
    met: "versioning is on",
    holds: (bucket, estate) =>
      at(ofBucket(VERSIONING, bucket, estate)?.inputs, ["versioningConfiguration", "status"]) === "Enabled",
    breaks: [absent(VERSIONING), changed(VERSIONING, ["versioningConfiguration", "status"], "Suspended")],
  },
  {
    id: "S3.15",
    asks: "object lock",
    type: BUCKET,
    about: holdsBackups,
    optional: true,
    met: "backups are locked where `greenlight:backup.lockDays` is set, for that long and by default in compliance mode",
    holds: (bucket, estate) =>
      bucket.inputs.objectLockEnabled === true &&
      Number(at(ofBucket(LOCK, bucket, estate)?.inputs, ["rule", "defaultRetention", "days"])) >= 1,
    breaks: [
      absent(LOCK),
      (bucket) => set(bucket.inputs, ["objectLockEnabled"], undefined),
      changed(LOCK, ["rule", "defaultRetention", "days"], 0),
    ],
  },
  {
    id: "S3.17",
    asks: "encryption with KMS keys",
    type: BUCKET,
    about: ({ name }) => !/-(access-logs|site)$/.test(name),
    met: "objects are encrypted with the stack's own key and a bucket key; the site's files are public anyway, and S3 writes logs only under its own keys",
    holds: (bucket, estate) => {
      const rule = at(ofBucket(ENCRYPTION, bucket, estate)?.inputs, ["rules", 0]);
      const byDefault = at(rule, ["applyServerSideEncryptionByDefault"]);
      return (
        at(byDefault, ["sseAlgorithm"]) === "aws:kms" &&
        typeof at(byDefault, ["kmsMasterKeyId"]) === "string" &&
        at(rule, ["bucketKeyEnabled"]) === true
      );
    },
    breaks: [
      absent(ENCRYPTION),
      changed(ENCRYPTION, ["rules", 0, "applyServerSideEncryptionByDefault", "sseAlgorithm"], "AES256"),
      changed(ENCRYPTION, ["rules", 0, "applyServerSideEncryptionByDefault", "kmsMasterKeyId"], undefined),
      changed(ENCRYPTION, ["rules", 0, "bucketKeyEnabled"], false),
    ],
  },
  {
    id: "S3.20",
    asks: "MFA for deletions",
    type: BUCKET,
    waived:
      "only the account's root user can switch it on, by hand; object lock keeps backups from everybody, that user included",
  },
  {
    id: "S3.22, S3.23, CIS 3.8, CIS 3.9",
    asks: "object events in CloudTrail",
    type: BUCKET,
    waived: "a trail belongs to the account or organization, not to a stack in it",
  },
];
