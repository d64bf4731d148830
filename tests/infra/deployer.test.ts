// What the deploying identity may do is what the stack holds: nothing is missing, and nothing is there for parts it has not.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { Deployer, policiesOf } from "../../infra/deployer.ts";
import { provision, servicesOf } from "../../infra/estate.ts";
import { permissions, type Service } from "../../infra/permissions.ts";
import { readSettings } from "../../infra/settings.ts";
import { inputsOf, made, policyOf, recordResources, registered } from "./support/mocks.ts";
import { localEnvironment, sourceOf } from "./support/source.ts";

const place = { name: "orders", accountId: "123456789012", region: "eu-west-1", bucketNames: ["kept"] };
const all = Object.keys(permissions) as Service[];
const root = new URL("../../", import.meta.url);

beforeEach(recordResources);

/** Services of types whose names in IAM differ from those in Pulumi. */
const IN_IAM: { [module: string]: string } = { vpc: "ec2" };

describe("the services of a stack", () => {
  it.each([
    "tests/infra/fixtures/complete/Pulumi.production.yaml",
    "examples/hv-consultores/Pulumi.production.yaml",
    "examples/hv-consultores/Pulumi.local.yaml",
  ])("are those of the resources that %s registers", async (path) => {
    const url = new URL(path, root);
    const stack = path.match(/Pulumi\.(.*)\.yaml/)?.[1];
    const settings = readSettings(
      sourceOf(readFileSync(url, "utf8"), {
        stack,
        directory: fileURLToPath(new URL(".", url)),
        environment: localEnvironment,
        decrypted: () => "postgresql://administrator:password@db.example.com/postgres?sslmode=require",
      }),
    );
    await made(provision(settings));
    const used = registered
      .filter(({ type }) => type.startsWith("aws:"))
      .map(({ type }) => (type.includes("/logGroup:") ? "logs" : (type.match(/^aws:(\w+)\//)?.[1] ?? type)))
      .map((module) => IN_IAM[module] ?? module);
    const granted: string[] = servicesOf(settings);
    expect([...new Set(used)].filter((service) => !granted.includes(service))).toEqual([]);
    // Alarms may write to queues, which only some have.
    expect([...new Set(granted)].filter((service) => !used.includes(service) && service !== "sqs")).toEqual(
      [],
    );
  });
});

describe("Boundary", () => {
  it("covers all that the stack's roles are allowed, so that no role is held back", async () => {
    const url = new URL("tests/infra/fixtures/complete/Pulumi.production.yaml", root);
    const decrypted = () => "postgresql://administrator:password@db.example.com/postgres?sslmode=require";
    const source = { stack: "production", directory: fileURLToPath(new URL(".", url)), decrypted };
    const text = readFileSync(url, "utf8").replace(
      "    channels:\n",
      "    channels:\n      P2: {slack: {workspaceId: T07EA123LEP, channelId: C07EZ1ABC23}}\n",
    );
    await made(provision(readSettings(sourceOf(text, { ...source, environment: localEnvironment }))));
    const ceiling = policyOf(inputsOf("aws:iam/policy:Policy", "complete-boundary")).flatMap(
      ({ Action }) => Action,
    );
    const pattern = (action: unknown) => new RegExp(`^${String(action).replaceAll("*", ".*")}$`);
    const allowed = registered
      .filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy")
      .flatMap(({ inputs }) => policyOf(inputs).flatMap(({ Action }) => Action));
    expect(allowed).toContain("cloudwatch:Describe*");
    expect(allowed).toContain("s3:ReplicateObject");
    expect(allowed.filter((action) => !ceiling.some((most) => pattern(most).test(String(action))))).toEqual(
      [],
    );
  });
});

describe("Deployer", () => {
  it("fits all permissions into policies that IAM takes, and a role takes", () => {
    const policies = policiesOf({ ...place, services: all });
    expect(policies.length).toBeLessThanOrEqual(10);
    for (const policy of policies) expect(policy.length).toBeLessThanOrEqual(6144);
  });

  it("is allowed nothing of parts that the stack has not", () => {
    const text = policiesOf({ ...place, services: ["s3", "kms"] }).join();
    expect(text).toContain("s3:PutObject");
    expect(text).toContain("arn:aws:s3:::kept");
    expect(text).not.toMatch(/cloudfront:|sns:|elasticache:/);
  });

  // Read from the source of the Terraform provider under @pulumi/aws: no stand-in asks for them.
  it.each([
    ["nodes of the cache are changed", "elasticache", "elasticache:IncreaseReplicaCount"],
    ["nodes of the cache are taken away", "elasticache", "elasticache:DecreaseReplicaCount"],
    ["the account has its first cache", "elasticache", "iam:CreateServiceLinkedRole"],
    ["the issuer of the CI is read by a refresh", "iam", "iam:GetOpenIDConnectProvider"],
    ["a role is described anew", "iam", "iam:UpdateRoleDescription"],
  ] as const)("is allowed what the provider calls where %s", (_case, service, action) => {
    expect(permissions[service](place).flatMap(({ Action }) => Action)).toContain(action);
  });

  // As CloudWatch Logs asks of who calls PutSubscriptionFilter.
  it("may hand on log lines where the stack does: with the stream's role, and to another account's destination", async () => {
    const roleArn = "arn:aws:iam::123456789012:role/logs-to-stream";
    const destinationArn = "arn:aws:logs:us-east-1:210987654321:destination:aggregator";
    const text = stringify({
      config: {
        "aws:region": "us-east-1",
        "greenlight:system": { name: "orders", awsAccountId: "123456789012" },
        "greenlight:logs": { subscription: { destinationArn, roleArn } },
        "greenlight:deployer": { identities: ["arn:aws:iam::123456789012:role/operators"] },
      },
    });
    await made(provision(readSettings(sourceOf(text))));
    const statements = registered
      .filter(({ name }) => /^orders-deployer-\d+$/.test(name))
      .flatMap(({ type, inputs }) => (type === "aws:iam/policy:Policy" ? policyOf(inputs) : []));
    expect(statements).toContainEqual({
      Effect: "Allow",
      Action: ["iam:PassRole"],
      Resource: roleArn,
      Condition: { StringLike: { "iam:PassedToService": "logs.*amazonaws.com" } },
    });
    expect(statements).toContainEqual({
      Effect: "Allow",
      Action: ["logs:PutSubscriptionFilter"],
      Resource: destinationArn,
    });
  });

  it("may read logs and metrics of others that the stack's steps judge", async () => {
    const sources = ["/ecs/orders", "/orders/application"].map((group, index) => ({
      name: `source-${index}`,
      group,
      json: {},
    }));
    const text = stringify({
      config: {
        "aws:region": "us-east-1",
        "greenlight:system": { name: "orders", awsAccountId: "123456789012" },
        "greenlight:logs": {},
        "greenlight:logChecks": { sources },
        "greenlight:observation": {
          measures: {
            requests: { cloudwatch: { namespace: "AWS/ApplicationELB", metricName: "RequestCount" } },
          },
          marks: [
            {
              name: "first-hour",
              minutes: 60,
              checks: [{ name: "requests", measure: "requests", minimum: 1, trigger: "immediate" }],
            },
          ],
        },
        "greenlight:deployer": { identities: ["arn:aws:iam::123456789012:role/operators"] },
      },
    });
    await made(provision(readSettings(sourceOf(text))));
    const statements = registered
      .filter(({ name }) => /^orders-deployer-\d+$/.test(name))
      .flatMap(({ type, inputs }) => (type === "aws:iam/policy:Policy" ? policyOf(inputs) : []));
    const group = "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/orders";
    const read = { Effect: "Allow", Action: ["logs:FilterLogEvents"], Resource: [group, `${group}:*`] };
    expect(statements).toContainEqual(read);
    const metrics = { Effect: "Allow", Action: ["cloudwatch:GetMetricStatistics"], Resource: "*" };
    expect(statements).toContainEqual(metrics);
    expect(policiesOf({ ...place, services: ["s3"] }).join()).not.toMatch(
      /FilterLogEvents|GetMetricStatistics/,
    );
  });

  it("lets jobs of the CI in by audience and subject, and people by name", async () => {
    const ci = {
      issuer: "https://token.example.com",
      subjects: ["repo:orders/orders:environment:production"],
    };
    const identities = ["arn:aws:iam::123456789012:role/operators"];
    await made(new Deployer("orders", { ...place, services: ["s3"], ci, identities }));
    expect(policyOf({ policy: inputsOf("aws:iam/role:Role").assumeRolePolicy })).toEqual([
      { Effect: "Allow", Principal: { AWS: identities }, Action: "sts:AssumeRole" },
      {
        Effect: "Allow",
        Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/token.example.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { "token.example.com:aud": "sts.amazonaws.com" },
          StringLike: { "token.example.com:sub": ["repo:orders/orders:environment:production"] },
        },
      },
    ]);
    expect(inputsOf("aws:iam/openIdConnectProvider:OpenIdConnectProvider")).toEqual({
      url: "https://token.example.com",
      clientIdLists: ["sts.amazonaws.com"],
    });
  });

  it("makes no issuer that the account knows already", async () => {
    const ci = { issuer: "https://token.example.com", subjects: ["repo:a/b:*"], known: true };
    await made(new Deployer("orders", { ...place, services: ["s3"], ci }));
    expect(registered.map(({ type }) => type)).not.toContain(
      "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    );
  });
});
