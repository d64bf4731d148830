import { beforeEach, describe, expect, it } from "vitest";
import { Probes } from "../../infra/probes.ts";
import { inputsOf, made, recordResources } from "./support/mocks.ts";

const CHECK = "aws:route53/healthCheck:HealthCheck";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

beforeEach(recordResources);

describe("Probes", () => {
  const urls = { health: "https://app.example.com/health?deep=1", plain: "http://app.example.com:8080/" };

  it("ask each address as it is written", async () => {
    await made(new Probes("orders", { topicArn: "arn:p1", urls }));
    expect(inputsOf(CHECK, "orders-health")).toMatchObject({
      type: "HTTPS",
      fqdn: "app.example.com",
      port: 443,
      resourcePath: "/health?deep=1",
      requestInterval: 30,
      failureThreshold: 3,
      enableSni: true,
    });
    expect(inputsOf(CHECK, "orders-plain")).toMatchObject({ type: "HTTP", port: 8080, enableSni: false });
  });

  it("raise an alarm for what does not answer, and for silence, where Route 53 tells of it", async () => {
    await made(
      new Probes("orders", { topicArn: "arn:p1", urls, runbook: "https://runbooks.example.com/down" }),
    );
    expect(inputsOf(ALARM, "orders-health-reachable")).toMatchObject({
      alarmDescription: `P1: ${urls.health} does not answer - https://runbooks.example.com/down`,
      namespace: "AWS/Route53",
      metricName: "HealthCheckStatus",
      dimensions: { HealthCheckId: "orders-health-id" },
      statistic: "Minimum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "breaching",
      alarmActions: ["arn:p1"],
      okActions: ["arn:p1"],
      region: "us-east-1",
    });
  });
});
