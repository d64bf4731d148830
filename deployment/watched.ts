// How the released system does, in figures: before the release, under requests, and over the time after it.
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Baseline } from "../checks/baseline.ts";
import { DashboardProof } from "../checks/dashboards.ts";
import { Latency } from "../checks/latency.ts";
import { LogArchive } from "../checks/log-archive.ts";
import { LogProof } from "../checks/logs.ts";
import { MetricsProof } from "../checks/metrics.ts";
import { Watch } from "../checks/observation.ts";
import { digestOfContents } from "../checks/release/contents.ts";
import { passwordsOf } from "../checks/step/redaction.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import type { Stack } from "./stack.ts";

/** Before anything changes; only what later steps compare with. */
export function baseline(stack: Stack): void {
  const { settings, estate, redis } = stack;
  const targets = (settings.latency?.targets ?? []).filter((t) => t.maximumBaselineRatio !== undefined);
  const measures = comparedMeasures(stack);
  const health = settings.health?.before ?? [];
  if (targets.length + health.length === 0 && Object.keys(measures).length === 0) return;
  const { version = "", contents = [] } = settings.release ?? {};
  stack.sequence.add(Baseline, "baseline", {
    targets,
    people: people(stack),
    measures,
    health,
    // That what runs is ill must not keep its cure away: it is on record, and people decide.
    enforcement: "advisory",
    databaseUrl: estate.database?.migratorUrl,
    redisUrl: redis.url,
    redisCaFile: redis.caFile,
    triggers: [version, digestOfContents(contents.map((path) => stack.path(path)))],
  });
}

/** The measures that a check compares with the time before. */
function comparedMeasures({ settings }: Stack) {
  const checks = (settings.observation?.marks ?? []).flatMap((mark) => mark.checks);
  const compared = checks.filter((check) => check.maximumBaselineRatio !== undefined);
  const names = new Set(
    compared.flatMap(({ measure, per }) => [measure, ...(per === undefined ? [] : [per])]),
  );
  return Object.fromEntries(
    Object.entries(settings.observation?.measures ?? {}).filter(([name]) => names.has(name)),
  );
}

/** Facts of the baseline step; empty where the stack has none. */
function before(stack: Stack, part: "latency" | "measures"): pulumi.Output<{ [name: string]: number }> {
  const facts = stack.sequence.steps.baseline?.facts;
  return pulumi.output(facts ?? {}).apply((known) => (known?.[part] ?? {}) as { [name: string]: number });
}

/** Targets of an update whose figure before it could not be had: the candidate is no release before. */
function untaken(stack: Stack): pulumi.Output<string[]> {
  const facts = stack.sequence.steps.baseline?.facts;
  return pulumi
    .output(facts ?? {})
    .apply((known) => z.array(z.string()).safeParse(known?.untaken).data ?? []);
}

/** Percentile 95 by target: of the release before, or, where nothing ran, of the candidate that was tried before the release. */
function latencyBefore(stack: Stack): pulumi.Output<{ [name: string]: number }> {
  const tried = stack.sequence.steps.candidate?.facts;
  return pulumi.all([before(stack, "latency"), tried]).apply(([known, facts]) => ({
    ...Object.fromEntries(
      Object.entries(candidateLatency().safeParse(facts?.latency).data ?? {}).flatMap(([name, figures]) => {
        const p95 = z.object({ p95: z.number() }).safeParse(figures);
        return p95.success ? [[name, p95.data.p95]] : [];
      }),
    ),
    ...known,
  }));
}

const candidateLatency = () => z.record(z.string(), z.unknown());

/** Whose tokens are sent by requests that count as people's. */
export function people(stack: Stack) {
  const known = stack.settings.latency?.people;
  if (known === undefined) return undefined;
  const { variable, ...given } = known;
  return { ...given, secret: stack.variable(variable) };
}

export function latency(stack: Stack): void {
  const { settings, estate, sequence } = stack;
  if (!settings.latency) return;
  const { targets, database } = settings.latency;
  sequence.add(Latency, "latency", {
    targets,
    people: people(stack),
    database,
    // The statements of every role, which only the administrator may read.
    databaseUrl: estate.database?.adminUrl,
    baseline: latencyBefore(stack),
    untaken: untaken(stack),
    triggers: sequence.times(["migration", "release"]),
    ...stepOptions(settings.latency),
  });
}

export function metrics(stack: Stack): void {
  const { settings, sequence } = stack;
  if (settings.metrics) sequence.add(MetricsProof, "metrics", settings.metrics);
}

/** Their panels are filled by the agent: without one nobody would write what they show. */
export function dashboards(stack: Stack): void {
  const { settings, estate, sequence } = stack;
  if (!settings.dashboards || !settings.agent || !estate.dashboards) return;
  sequence.add(DashboardProof, "dashboards", {
    dashboards: estate.dashboards.dashboards.map(({ id, dashboardName, body }) => ({
      id,
      dashboardName,
      body,
    })),
    since: sequence.times(["release"]),
  });
}

export function logs(stack: Stack): void {
  const { settings, sequence } = stack;
  if (!settings.logChecks) return;
  sequence.add(LogProof, "logs", {
    sources: logSources(stack),
    forbidden: settings.logChecks.forbidden,
    secrets: hiddenValues(stack),
    since: sequence.times(["release"]),
    ...stepOptions(settings.logChecks),
  });
}

/** The logs of this release, copied when all the rest is done. */
export function logArchive(stack: Stack): void {
  const { settings, estate, sequence } = stack;
  if (!settings.logArchive || !estate.logArchive) return;
  sequence.add(LogArchive, "log-archive", {
    sources: logSources(stack),
    bucket: estate.logArchive.bucketName,
    kmsKeyId: estate.keys?.backups,
    release: settings.release?.version ?? settings.stack,
    lines: settings.logArchive.lines,
    secrets: hiddenValues(stack),
    triggers: sequence.times(["migration", "release"]),
    ...stepOptions(settings.logArchive),
  });
}

function logSources(stack: Stack) {
  return (stack.settings.logChecks?.sources ?? []).map((source) => ({
    ...source,
    file: source.file === undefined ? undefined : stack.path(source.file),
  }));
}

/** The values of the application's variables that no log may show, and the passwords of the addresses among all of them. */
function hiddenValues({ settings, estate }: Stack): pulumi.Output<string[]> {
  const { secrets, generated } = settings.application ?? {};
  const hidden = [secrets, generated].flatMap((group) => Object.keys(group ?? {}));
  const values = estate.application?.environment.apply((variables) => [
    ...hidden.flatMap((name) => variables[name] ?? []),
    ...Object.values(variables).flatMap(passwordsOf),
  ]);
  return pulumi.secret(values ?? []);
}

export function observation(stack: Stack): void {
  const { settings, estate, redis, sequence } = stack;
  if (!settings.observation) return;
  sequence.add(Watch, "observation", {
    ...settings.observation,
    system: settings.system.name,
    stack: settings.stack,
    release: settings.release?.version,
    since: sequence.times(["migration", "release", "site"]),
    baseline: before(stack, "measures"),
    databaseUrl: estate.database?.migratorUrl,
    redisUrl: redis.url,
    redisCaFile: redis.caFile,
    bucket: estate.records?.bucketName,
  });
}
