// The deploying role on the emulator with IAM enforced, by real requests: jobs of the CI take it by audience and subject and
// others do not, it does what the stack's parts need and nothing beside, and no role of the stack does more than the boundary.
import { randomBytes } from "node:crypto";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { STS } from "@aws-sdk/client-sts";
import { UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackupRoles } from "../../infra/backup-roles.ts";
import { Boundary } from "../../infra/boundary.ts";
import { Deployer } from "../../infra/deployer.ts";
import { environment } from "../providers/support/providers.ts";
import { Applied } from "./support/applied.ts";
import { type StandIn, tlsStandIn } from "./support/tls-stand-in.ts";

const name = `deploys-${randomBytes(3).toString("hex")}`;
const accountId = "123456789012";
const region = "us-east-1";
const issuer = `https://token-${name}.example.com`;
const bucket = `${name}-things`;
const applied = new Applied();

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
let secure: StandIn;
let root: Keys;
let personKeys: Keys;

const clientOf = (credentials: Keys) => ({ endpoint: secure.url, region, maxAttempts: 1, credentials });
const iamOf = (credentials: Keys) => new IAM(clientOf(credentials));
const s3Of = (credentials: Keys) => new S3({ ...clientOf(credentials), forcePathStyle: true });
const keysOf = (
  given: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string } = {},
): Keys => ({
  accessKeyId: given.AccessKeyId ?? "",
  secretAccessKey: given.SecretAccessKey ?? "",
  sessionToken: given.SessionToken,
});

/** What the role `NAME-ROLE` is given when the person takes it. */
async function as(role: string): Promise<Keys> {
  const { Credentials } = await new STS(clientOf(personKeys)).assumeRole({
    RoleArn: `arn:aws:iam::${accountId}:role/${name}-${role}`,
    RoleSessionName: "test",
  });
  return keysOf(Credentials);
}

/** `allowed`, or the name of the refusal. */
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => "allowed",
    (error: Error) => error.name,
  );

beforeAll(async () => {
  const variables = await environment();
  secure = await tlsStandIn(variables.AWS_ENDPOINT_URL ?? "");
  root = {
    accessKeyId: variables.AWS_ACCESS_KEY_ID ?? "",
    secretAccessKey: variables.AWS_SECRET_ACCESS_KEY ?? "",
  };
  const UserName = `${name}-person`;
  const iam = iamOf(root);
  await iam.createUser({ UserName });
  await iam.putUserPolicy({
    UserName,
    PolicyName: "takes-roles",
    PolicyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }],
    }),
  });
  const { AccessKey } = await iam.createAccessKey({ UserName });
  personKeys = keysOf(AccessKey);
  const identities = [`arn:aws:iam::${accountId}:user/${UserName}`];
  await applied.run(() => {
    const { policyArn } = new Boundary(name, { accountId, bucketNames: [] });
    const roles = new BackupRoles(name, {
      accountId,
      region,
      writers: identities,
      permissionsBoundary: policyArn,
    });
    roles.allow(`arn:aws:s3:::${bucket}`, `arn:aws:kms:${region}:${accountId}:key/none`);
    const ci = { issuer, subjects: ["repo:orders/orders:environment:production"] };
    const place = { name, accountId, region, bucketNames: [] };
    return new Deployer(name, { ...place, services: ["s3", "iam", "secretsmanager"], identities, ci });
  });
  await s3Of(root).createBucket({ Bucket: bucket });
}, 120_000);

afterAll(async () => {
  await s3Of(root).deleteObject({ Bucket: bucket, Key: "mine" });
  await s3Of(root).deleteBucket({ Bucket: bucket });
  secure.close();
  await applied.remove();
}, 120_000);

describe("a job of the CI", () => {
  const takes = (claims: { sub: string; aud: string }) =>
    new STS(clientOf(root)).assumeRoleWithWebIdentity({
      RoleArn: `arn:aws:iam::${accountId}:role/${name}-deployer`,
      RoleSessionName: "job",
      WebIdentityToken: new UnsecuredJWT({ ...claims, iss: issuer }).setExpirationTime("5m").encode(),
    });
  const right = { sub: "repo:orders/orders:environment:production", aud: "sts.amazonaws.com" };

  it("takes the role by its repository, environment and audience", async () => {
    expect(await outcome(takes(right))).toBe("allowed");
  });

  it.each([
    ["of another repository", { ...right, sub: "repo:others/orders:environment:production" }],
    ["of another environment", { ...right, sub: "repo:orders/orders:environment:staging" }],
    ["for another audience", { ...right, aud: "somebody-else" }],
  ])("%s does not", async (_title, claims) => {
    expect(await outcome(takes(claims))).toMatch(/AccessDenied/);
  });
});

describe("the deploying role", () => {
  it("does with what is the stack's own what its parts need", async () => {
    const s3 = s3Of(await as("deployer"));
    expect(await outcome(s3.putObject({ Bucket: bucket, Key: "mine", Body: "x" }))).toBe("allowed");
    expect(await outcome(s3.getBucketVersioning({ Bucket: bucket }))).toBe("allowed");
  });

  it("does nothing with what is others'", async () => {
    const s3 = s3Of(await as("deployer"));
    const Bucket = `others-${name}`;
    await s3Of(root).createBucket({ Bucket });
    expect(await outcome(s3.putObject({ Bucket, Key: "x", Body: "x" }))).toBe("AccessDenied");
    expect(await outcome(s3.deleteBucket({ Bucket }))).toBe("AccessDenied");
    await s3Of(root).deleteBucket({ Bucket });
  });

  it("cannot give itself more, nor make a user, nor attach a policy", async () => {
    const iam = iamOf(await as("deployer"));
    const RoleName = `${name}-deployer`;
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    });
    const calls = [
      iam.putRolePolicy({ RoleName, PolicyName: "more", PolicyDocument }),
      iam.attachRolePolicy({ RoleName, PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }),
      iam.createUser({ UserName: `${name}-another` }),
      iam.createPolicyVersion({
        PolicyArn: `arn:aws:iam::${accountId}:policy/${name}-boundary`,
        PolicyDocument,
      }),
      iam.createRole({ RoleName: `${name}-unbounded`, AssumeRolePolicyDocument: PolicyDocument }),
    ];
    // Listened to together: one that is refused while another is awaited would be an unhandled rejection.
    for (const answer of await Promise.all(calls.map(outcome))) expect(answer).toMatch(/AccessDenied/);
  });
});

describe("a role under the boundary", () => {
  it("does no more than the boundary, whatever its policies say", async () => {
    const RoleName = `${name}-backup-writer`;
    const everything = { RoleName, PolicyName: "mistake" };
    await iamOf(root).putRolePolicy({
      ...everything,
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
      }),
    });
    const keys = await as("backup-writer");
    expect(await outcome(s3Of(keys).putObject({ Bucket: bucket, Key: "mine", Body: "x" }))).toBe("allowed");
    expect(await outcome(s3Of(keys).deleteBucket({ Bucket: bucket }))).toBe("AccessDenied");
    expect(await outcome(iamOf(keys).createUser({ UserName: `${name}-more` }))).toMatch(/AccessDenied/);
    await iamOf(root).deleteRolePolicy(everything);
  });
});
