// Nothing that holds data is deleted or replaced unless somebody lifts its protection on purpose: every type that the program
// registers is either one that holds data, and protected, or named here as one that holds none.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { provision } from "../../infra/estate.ts";
import { readSettings } from "../../infra/settings.ts";
import { made, recordResources } from "./support/mocks.ts";
import { localEnvironment, sourceOf } from "./support/source.ts";

/** What is gone with them cannot be made again. */
const HOLDING_DATA = [
  "aws:elasticache/replicationGroup:ReplicationGroup",
  "aws:kms/key:Key",
  "aws:s3/bucket:Bucket",
  "postgresql:index/database:Database",
];

/** Of buckets, those whose content comes from elsewhere. */
const MADE_AGAIN = /-site$/;

/**
 * Types without data of their own: settings of something else, permissions, addresses, rules, what shows or tells, and secrets,
 * whose values are the stack's own and which Secrets Manager keeps for 30 days after their deletion. Logs and messages in a queue
 * are copies of what was shown elsewhere.
 */
const HOLDING_NONE = new RegExp(
  [
    "^(greenlight:|pulumi:)",
    "^postgresql:index/(role|grant|defaultPrivileges|extension):",
    "^random:index/",
    "^aws:(acm|cloudfront|cloudwatch|ec2|iam|route53|secretsmanager|sns|sqs|vpc|wafv2)/",
    "^aws:kms/alias:",
    "^aws:s3/bucket\\w+:",
    "^aws:elasticache/(parameterGroup|subnetGroup):",
  ].join("|"),
);

/** Names with which the seal of backups is kept. */
const SEALS = /-backup-key$/;

const root = new URL("../../", import.meta.url);

interface Made {
  type: string;
  name: string;
  isProtected: boolean;
}

/** Types, names and protection of all that the stack registers. */
async function resourcesOf(path: string, disposable: boolean): Promise<Made[]> {
  await recordResources();
  const found: Made[] = [];
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined) throw new Error("no mocks, want those that recordResources sets");
  const { registerResource } = monitor;
  monitor.registerResource = (request: Request, ...rest: unknown[]) => {
    found.push({
      type: request.getType(),
      name: request.getName(),
      isProtected: request.getProtect() === true,
    });
    return Reflect.apply(registerResource, monitor, [request, ...rest]);
  };
  const url = new URL(path, root);
  const text = readFileSync(url, "utf8").replace(
    /( {2}greenlight:system:.*\n)/,
    `$1    disposable: ${disposable}\n`,
  );
  const decrypted = () => "postgresql://administrator:password@db.example.com/postgres?sslmode=require";
  const directory = fileURLToPath(new URL(".", url));
  const source = { stack: "production", directory, environment: localEnvironment, decrypted };
  await made(provision(readSettings(sourceOf(text, source))));
  return found;
}

/** What Pulumi's SDK sends to the engine. */
interface Request {
  getType(): string;
  getName(): string;
  getProtect(): boolean | undefined;
}

const holdsData = ({ type, name }: Made) =>
  (HOLDING_DATA.includes(type) && !MADE_AGAIN.test(name)) ||
  (type === "random:index/randomPassword:RandomPassword" && SEALS.test(name));

const COMPLETE = "tests/infra/fixtures/complete/Pulumi.production.yaml";

describe("in production", () => {
  let production: Made[];
  beforeAll(async () => {
    production = await resourcesOf(COMPLETE, false);
  });

  it("everything that holds data is protected", () => {
    const holding = production.filter(holdsData);
    expect([...new Set(holding.map(({ type }) => type))].sort()).toEqual([
      ...HOLDING_DATA,
      "random:index/randomPassword:RandomPassword",
    ]);
    expect(holding.filter(({ isProtected }) => !isProtected)).toEqual([]);
  });

  it("every other type is known to hold none", () => {
    const types = production.map(({ type }) => type);
    const unknown = types.filter((type) => !HOLDING_DATA.includes(type) && !HOLDING_NONE.test(type));
    expect([...new Set(unknown)]).toEqual([]);
  });
});

describe("in a disposable stack", () => {
  it("nothing is protected", async () => {
    expect((await resourcesOf(COMPLETE, true)).filter(({ isProtected }) => isProtected)).toEqual([]);
  });
});
