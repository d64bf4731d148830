import { beforeEach, describe, expect, it } from "vitest";
import { Logs } from "../../infra/logs.ts";
import { inputsOf, made, recordResources, registered } from "./support/mocks.ts";

const given = { keyArn: "arn:key" };
const typesOf = () => registered.map(({ type }) => type.split(":").at(-1));

beforeEach(recordResources);

describe("Logs", () => {
  it("keeps lines for 30 days under the given key unless told otherwise, and nothing else", async () => {
    const { groupNames } = await made(new Logs("orders", given));
    expect(groupNames).toHaveLength(1);
    expect(inputsOf("aws:cloudwatch/logGroup:LogGroup")).toEqual({
      name: "/orders/application",
      retentionInDays: 30,
      kmsKeyId: "arn:key",
    });
    expect(typesOf()).toEqual(["Logs", "LogGroup"]);
  });

  it("counts error lines of all groups into the metric that the alarm reads, with 0 where a line is none", async () => {
    const pattern = '"| ERROR |"';
    await made(new Logs("orders", { ...given, groups: ["application", "worker"], errorPattern: pattern }));
    const filters = registered.filter(({ type }) => type.endsWith("LogMetricFilter"));
    expect(filters.map(({ inputs }) => inputs.pattern)).toEqual([pattern, pattern]);
    for (const { inputs } of filters)
      expect(inputs.metricTransformation).toMatchObject({
        name: "LogErrors",
        namespace: "orders",
        value: "1",
        defaultValue: "0",
        unit: "Count",
      });
  });

  it("hands every line of every group on where there is an aggregator", async () => {
    const destinationArn = "arn:aws:logs:us-east-1:123456789012:destination:aggregator";
    await made(new Logs("orders", { ...given, subscription: { destinationArn } }));
    expect(inputsOf("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter")).toMatchObject({
      logGroup: "/orders/application",
      filterPattern: "",
      destinationArn,
    });
  });
});
