// One trial: copy, pending migrations, start, journeys, latency, outage, log, end. What was not reached is inconclusive.
import { once } from "node:events";
import { createServer } from "node:net";
import type { CandidateInputs } from "../candidate.ts";
import { withDatabase } from "../database.ts";
import { tokensOf } from "../latency/run.ts";
import { step as latency } from "../latency.ts";
import { readMigrations } from "../migrations/directory.ts";
import { migrateUp } from "../migrations/up.ts";
import { type Copy, sourceSettings, withCopy } from "../rehearsal/copy.ts";
import { waitForVersion } from "../release/version.ts";
import { step as smoke } from "../smoke.ts";
import { type Finding, observe, type StepContext } from "../step/definition.ts";
import { withEmptyCache } from "./cache.ts";
import { judgeData } from "./data.ts";
import { endOf, fillLog, judgeLog, judgeRotation, secretsOf } from "./log.ts";
import { drillOutage } from "./outage.ts";
import { type Candidate, startCandidate } from "./process.ts";

export async function runCandidate(given: CandidateInputs, context: StepContext): Promise<Finding> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({});
  try {
    return await withCopy(s3, given, context.signal, async (copy) => {
      const { database, restoreSeconds } = copy;
      const finding: Finding = {
        observations: [
          observe(
            "restored",
            true,
            `the backup ${given.backup.key} as a database of its own`,
            `restored in ${restoreSeconds.toFixed(1)} s`,
          ),
        ],
        facts: { backup: given.backup.key, restoreSeconds },
      };
      if (!(await migrated(given, copy, finding, context))) return finding;
      const trial = () => tried(given, database, finding, context);
      if (given.redisUrl === undefined || given.cacheVariables.length === 0) return await trial();
      const cache = pathOf(given.redisUrl, given.redisDatabase);
      return await withEmptyCache(cache, given.redisCaFile, context.signal, trial);
    });
  } finally {
    s3.destroy();
  }
}

/** Brings the copy to the newest file, lets the application's role in, and takes away what production has to do. */
async function migrated(
  given: CandidateInputs,
  { database, sameServer }: Copy,
  { observations }: Finding,
  { signal }: StepContext,
): Promise<boolean> {
  const { directory, naming, schema, historyTable, baseline, ...policy } = given.migrations;
  const session = { application: "candidate", signal, database };
  const result = await withDatabase(
    given.databaseUrl,
    { ...session, settings: sourceSettings(given, sameServer) },
    (client) =>
      migrateUp(client, readMigrations(directory, naming), {
        ...policy,
        ...(baseline === undefined ? {} : { baseline }),
        place: { schema, table: historyTable },
        lockTimeoutSeconds: 10,
        lockWaitSeconds: 10,
        release: "candidate",
        signal,
        log: () => {},
      }),
  );
  observations.push(
    observe(
      "migrated",
      !result.failure,
      "the copy is at the newest migration",
      result.failure?.message ??
        `${result.applied.length} pending files run, at ${result.after ?? "no migration"}`,
    ),
  );
  if (result.failure) return false;
  await withDatabase(given.restoreUrl, session, async (admin) => {
    for (const name of given.databaseVariables) {
      const role = decodeURIComponent(new URL(given.environment[name] ?? "").username);
      await admin.query(
        `grant connect on database ${admin.escapeIdentifier(database)} to ${admin.escapeIdentifier(role)}`,
      );
    }
    for (const statement of given.prepare) await admin.query(statement);
    if (given.minimumRows !== undefined) observations.push(await judgeData(admin, given.minimumRows));
  });
  return true;
}

async function tried(
  given: CandidateInputs,
  database: string,
  finding: Finding,
  context: StepContext,
): Promise<Finding> {
  const { log, signal } = context;
  const { rotation, file = "" } = given.log ?? {};
  if (rotation) await fillLog(file, rotation);
  const logged = given.log && (await endOf(file));
  const port = await freePort();
  const trial: Trial = { given, database, origin: `http://127.0.0.1:${port}`, finding };
  const environment = { ...variablesOf(given, database), [given.portVariable]: String(port) };
  const { command, directory } = given;
  const candidate = await startCandidate({ command, directory, environment }, signal);
  try {
    if (await started(trial, candidate, signal)) {
      log(`version ${given.version} answers on the copy`);
      await journeys(trial, context);
      await timed(trial, context);
      await outage(trial, candidate, signal);
    }
  } finally {
    const { clean, exit } = await candidate.stop();
    finding.observations.push(
      observe("stopped", clean, "ends by itself with exit 0 when it is told to", exit),
    );
  }
  if (given.log && logged) {
    const told = await judgeLog(given.log, logged, secretsOf(given), given.outage !== undefined);
    finding.observations.push(...told);
    if (rotation) finding.observations.push(await judgeRotation(file, rotation, logged));
  }
  return finding;
}

interface Trial {
  given: CandidateInputs;
  /** The copy. */
  database: string;
  /** Where the candidate answers. */
  origin: string;
  finding: Finding;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** The candidate's variables: as they will be in production, but with stores of its own. */
function variablesOf(given: CandidateInputs, database: string): { [name: string]: string } {
  const variables = { ...given.environment };
  for (const name of given.databaseVariables) variables[name] = pathOf(variables[name], database);
  for (const name of given.cacheVariables) variables[name] = pathOf(variables[name], given.redisDatabase);
  return variables;
}

function pathOf(address: string | undefined, path: string | number): string {
  const url = new URL(address ?? "");
  url.pathname = `/${path}`;
  return url.href;
}

async function started(
  { given, origin, finding }: Trial,
  candidate: Candidate,
  signal: AbortSignal,
): Promise<boolean> {
  const { version, versionPath, versionRoute, withinSeconds } = given;
  const source = { versionUrl: `${origin}${versionRoute}`, versionPath, instancePath: "$.instance" };
  const isWorthIt = () => candidate.runs();
  const rollout = await waitForVersion(source, { version, instances: 1, withinSeconds, signal, isWorthIt });
  const said = candidate.tail.length > 0 ? ` and said: ${candidate.tail.slice(-3).join(" | ")}` : "";
  const seen = rollout.complete
    ? `version ${version} after ${rollout.seconds.toFixed(1)} s on restored data`
    : `${rollout.others.slice(0, 2).join(", ") || "no answer"}; it ${candidate.runs() ? "runs" : "ended"}${said}`;
  finding.observations.push(
    observe("started", rollout.complete, `version ${version} within ${withinSeconds} s`, seen),
  );
  return rollout.complete;
}

async function journeys({ given, database, origin, finding }: Trial, context: StepContext): Promise<void> {
  if (!given.journeys) return;
  const { redisUrl, redisCaFile } = given;
  const result = await smoke.run(
    smoke.inputs().parse({
      ...given.journeys,
      baseUrl: origin,
      release: given.version,
      databaseUrl: pathOf(given.databaseUrl, database),
      ...(redisUrl === undefined ? {} : { redisUrl: pathOf(redisUrl, given.redisDatabase), redisCaFile }),
    }),
    context,
  );
  finding.observations.push(...result.observations);
  finding.facts.journeys = result.facts.journeys ?? {};
}

async function timed({ given, origin, finding }: Trial, context: StepContext): Promise<void> {
  if (given.targets.length === 0) return;
  const targets = given.targets.map((target) => {
    const { pathname, search } = new URL(target.url);
    return { ...target, url: `${origin}${pathname}${search}` };
  });
  const result = await latency.run(latency.inputs().parse({ targets, people: given.people }), context);
  finding.observations.push(...result.observations.map((one) => ({ ...one, id: `latency-${one.id}` })));
  finding.facts.latency = result.facts;
}

async function outage(
  { given, database, origin, finding }: Trial,
  candidate: Candidate,
  signal: AbortSignal,
): Promise<void> {
  if (!given.outage) return;
  const [token] = await tokensOf(given.people && { ...given.people, count: 1 });
  const drill = { baseUrl: origin, outage: given.outage, token, candidate };
  finding.observations.push(...(await drillOutage(drill, given.restoreUrl, database, signal)));
}
