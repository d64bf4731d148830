// Every journey of smoke/journeys.yaml, and the daily work, through the application in this process: what people do with it is
// tested before it is released, by the same words that judge the release.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { z } from "zod";
import { readJourneys } from "../../../checks/smoke/journey.ts";
import { step as smoke } from "../../../checks/smoke.ts";
import { createAuthentication } from "../../parts/authentication.ts";
import { given, startApplication, type TestApplication } from "./support/application.ts";

const jobOf = (answer: unknown) => z.looseObject({ job_id: z.string() }).parse(answer);
const file = fileURLToPath(new URL("../smoke/journeys.yaml", import.meta.url));
const { journeys } = await readJourneys(file);
const DAILY = ["execute-automation-rules", "send-daily-summaries", "weekly-cleanup"];
let application: TestApplication;

before(async () => {
  application = await startApplication();
});
after(async () => {
  await application.stop();
});

for (const { name, title } of journeys)
  test(`${name}: ${title}`, async () => {
    const { observations } = await smoke.run(
      smoke.inputs().parse({
        file,
        only: [name],
        baseUrl: application.url,
        release: "6.0.0",
        variables: { webhookUrl: `${given("GREENLIGHT_SINK_URL")}/hooks/smoke` },
        secrets: { jwtSecret: application.jwtSecret },
        databaseUrl: application.ownerUrl,
        redisUrl: application.redisUrl,
        redisCaFile: given("GREENLIGHT_CA_FILE"),
        sinkUrl: given("GREENLIGHT_SINK_URL"),
      }),
      { name: "tests", log: () => {}, signal: AbortSignal.timeout(300_000), previous: undefined },
    );
    const wrong = observations.filter(({ result }) => result !== "passed");
    assert.deepEqual(
      wrong.map(({ id, observed }) => `${id}: ${observed}`),
      [],
    );
  });

for (const name of DAILY)
  test(`the schedule ${name} does its work when it is its time`, async () => {
    const token = await createAuthentication(application.jwtSecret).sign(
      { sub: "5e000000-0000-4000-8000-0000000000ff", role: "operator" },
      600,
    );
    const client = new pg.Client({
      connectionString: application.ownerUrl.split("?")[0],
      ssl: { ca: readFileSync(given("GREENLIGHT_CA_FILE")) },
    });
    await client.connect();
    try {
      const run = await fetch(new URL(`/api/scheduler/jobs/${name}/run`, application.url), {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
      });
      assert.equal(run.status, 202);
      const { job_id: job } = jobOf(await run.json());
      for (;;) {
        const text = "SELECT estado, error FROM queue_jobs WHERE id = $1";
        const [row] = (await client.query<{ estado: string; error: string | null }>(text, [job])).rows;
        assert.notEqual(row?.estado, "failed", row?.error ?? "");
        if (row?.estado === "completed") break;
        await setTimeout(50);
      }
    } finally {
      await client.end();
    }
  });
