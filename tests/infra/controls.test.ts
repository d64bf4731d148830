// Every control of docs/controls.md, on the resources of a complete production stack and of each example's, and broken.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { provision } from "../../infra/estate.ts";
import { readSettings } from "../../infra/settings.ts";
import { cloudfront } from "./controls/cloudfront.ts";
import { cloudwatch, sns, sqs } from "./controls/cloudwatch.ts";
import type { Control, Met } from "./controls/control.ts";
import { elasticache } from "./controls/elasticache.ts";
import { iam } from "./controls/iam.ts";
import { kms } from "./controls/kms.ts";
import { route53 } from "./controls/route53.ts";
import { s3 } from "./controls/s3.ts";
import { secretsManager } from "./controls/secrets-manager.ts";
import { renderTable } from "./controls/table.ts";
import { waf } from "./controls/waf.ts";
import { made, type Registered, recordResources, registered } from "./support/mocks.ts";
import { localEnvironment, sourceOf } from "./support/source.ts";

const lists: { [service: string]: Control[] } = {
  S3: s3,
  KMS: kms,
  "Secrets Manager": secretsManager,
  CloudFront: cloudfront,
  WAF: waf,
  "Route 53": route53,
  IAM: iam,
  ElastiCache: elasticache,
  CloudWatch: cloudwatch,
  SNS: sns,
  SQS: sqs,
};

const root = new URL("../../", import.meta.url);
const COMPLETE = "tests/infra/fixtures/complete/Pulumi.production.yaml";
const EXAMPLES = ["examples/hv-consultores/Pulumi.production.yaml"];

/** What the stack with this file registers. */
async function estateOf(path: string): Promise<Registered[]> {
  await recordResources();
  const url = new URL(path, root);
  const decrypted = () => "postgresql://administrator:password@db.example.com/postgres?sslmode=require";
  const source = sourceOf(readFileSync(url, "utf8"), {
    stack: "production",
    directory: fileURLToPath(new URL(".", url)),
    environment: localEnvironment,
    decrypted,
  });
  await made(provision(readSettings(source)));
  return [...registered];
}

const isMet = (control: Control): control is Met => "met" in control;
const about = (control: Met, estate: Registered[]) =>
  estate.filter((one) => one.type === control.type && (control.about?.(one, estate) ?? true));

const estates: { [path: string]: Registered[] } = {};
beforeAll(async () => {
  for (const path of [COMPLETE, ...EXAMPLES]) estates[path] = await estateOf(path);
});

describe.each(Object.entries(lists))("%s", (_service, controls) => {
  const met = controls.filter(isMet).map((control) => [`${control.id}: ${control.asks}`, control] as const);

  it.each(met)("%s holds for every resource of a complete stack", (_title, control) => {
    const resources = about(control, estates[COMPLETE] ?? []);
    expect(resources).not.toEqual([]);
    expect(resources.filter((one) => !control.holds(one, estates[COMPLETE] ?? []))).toEqual([]);
  });

  it.each(met.filter(([, { optional }]) => !optional))("%s holds in every example", (_title, control) => {
    for (const path of EXAMPLES) {
      const estate = estates[path] ?? [];
      expect(about(control, estate).filter((one) => !control.holds(one, estate))).toEqual([]);
    }
  });

  it.each(met)("%s is noticed when it is broken", (_title, control) => {
    expect(control.breaks).not.toEqual([]);
    for (const [index, breakIt] of control.breaks.entries())
      for (const { name } of about(control, estates[COMPLETE] ?? [])) {
        const estate = structuredClone(estates[COMPLETE] ?? []);
        const broken = estate.find((one) => one.type === control.type && one.name === name);
        expect(broken).toBeDefined();
        if (broken === undefined) continue;
        breakIt(broken, estate);
        expect([index, name, control.holds(broken, estate)]).toEqual([index, name, false]);
      }
  });
});

it("docs/controls.md is what is shown here", async () => {
  await expect(renderTable(lists)).toMatchFileSnapshot(fileURLToPath(new URL("docs/controls.md", root)));
});
