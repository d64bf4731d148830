import { beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { plan } from "../../agent/plan.ts";
import { Agent } from "../../infra/agent.ts";
import { agentMetrics, unwritten } from "../../infra/agent-metrics.ts";
import { alarmDefinitions, RULE_NAMES } from "../../infra/alarm-rules.ts";
import { provision } from "../../infra/estate.ts";
import { readSettings } from "../../infra/settings.ts";
import { inputsOf, made, policyOf, recordResources } from "./support/mocks.ts";
import { sourceOf } from "./support/source.ts";

const rules = { queueSize: { aboveJobs: 1000 }, memory: { abovePercent: 80 }, agent: { belowBeats: 1 } };
const queue = { kind: "gauge" as const, family: "jobs", labels: {} };

beforeEach(recordResources);

describe("the agent's metrics", () => {
  it("are those that the alarms read, in the alarms' own units", () => {
    const metrics = agentMetrics(rules, { queueSize: queue }, {}, ["agent"]);
    const read = alarmDefinitions(rules).filter(({ rule }) => rule !== "agent");
    expect(metrics.map(({ name, unit }) => [name, unit])).toEqual(
      read.map(({ metricName, unit }) => [metricName, unit]),
    );
    expect(metrics[0]?.source).toEqual(queue);
  });

  it("miss a rule whose source nobody named, and that is told", () => {
    expect(unwritten(rules, {}, ["agent"])).toEqual(["queueSize"]);
    expect(unwritten(rules, { queueSize: queue }, ["agent"])).toEqual([]);
  });

  it("have a name of their own for every rule that there is", () => {
    const all = Object.fromEntries(RULE_NAMES.map((rule) => [rule, { aboveAny: 1 }]));
    const names = alarmDefinitions(all).map(({ metricName }) => metricName);
    expect(new Set(names).size).toBe(RULE_NAMES.length);
  });
});

describe("Agent", () => {
  const given = {
    accountId: "123456789012",
    region: "us-east-1",
    keyArn: "arn:key",
    namespace: "orders",
    metrics: agentMetrics(rules, { queueSize: queue }, {}, ["agent"]),
    databaseUrl: "postgresql://reader:word@db.example.com/orders",
    backupBucket: "orders-backups",
    log: { file: "/var/log/orders.log", group: "/orders/application", errorPattern: "ERROR" },
  };

  it("keeps a plan that the process understands as a secret", async () => {
    await made(new Agent("orders", given));
    const { secretString } = inputsOf("aws:secretsmanager/secretVersion:SecretVersion");
    const value = (secretString as { secret: string }).secret;
    expect(plan().parse(JSON.parse(value))).toMatchObject({ namespace: "orders", intervalSeconds: 60 });
  });

  it.each([
    [30, { highResolution: true }],
    [60, {}],
  ])("is told to have seconds kept for an alarm of %s seconds, if need be", async (periodSeconds, said) => {
    const text = stringify({
      config: {
        "aws:region": "us-east-1",
        "greenlight:system": { name: "orders", awsAccountId: "123456789012" },
        "greenlight:alarms": { rules: { memory: { abovePercent: 80, periodSeconds } } },
        "greenlight:agent": { intervalSeconds: 15 },
      },
    });
    await made(provision(readSettings(sourceOf(text))));
    const { secretString } = inputsOf("aws:secretsmanager/secretVersion:SecretVersion");
    const { highResolution } = JSON.parse((secretString as { secret: string }).secret);
    expect({ highResolution }).toEqual(said);
  });

  it("may write its namespace and its log, read its plan and see the backups' age, and nothing else", async () => {
    await made(new Agent("orders", given));
    const statements = policyOf(inputsOf("aws:iam/policy:Policy"));
    expect(statements.map(({ Action, Resource, Condition }) => [Action, Resource, Condition])).toEqual([
      ["cloudwatch:PutMetricData", "*", { StringEquals: { "cloudwatch:namespace": "orders" } }],
      ["secretsmanager:GetSecretValue", expect.stringContaining("orders-agent"), undefined],
      [
        "kms:Decrypt",
        "arn:key",
        { StringEquals: { "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" } },
      ],
      ["s3:ListBucket", "arn:aws:s3:::orders-backups", undefined],
      [
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        "arn:aws:logs:us-east-1:123456789012:log-group:/orders/application:*",
        undefined,
      ],
    ]);
  });

  it("may do no more than it has to where there is no backup and no log", async () => {
    await made(new Agent("orders", { ...given, backupBucket: undefined, log: undefined }));
    expect(policyOf(inputsOf("aws:iam/policy:Policy"))).toHaveLength(3);
  });
});
