// All parts of a preflight at once: each is quick, and an operator wants all faults together.
import type { PreflightInputs } from "../preflight.ts";
import type { Finding, Observation, StepContext } from "../step/definition.ts";
import { judgeBucket, judgeCertificate, judgeDatabase, judgeHost, judgeRedis } from "./connectivity.ts";
import { judgeClock, judgeDisk, judgeTool } from "./machine.ts";
import { judgeVariables, readVariableRules } from "./variables.ts";

export async function runPreflight(given: PreflightInputs, { log, signal }: StepContext): Promise<Finding> {
  const observations = await look(given, signal);
  const failed = observations.filter(({ result }) => result !== "passed" && result !== "notApplicable");
  log(`${observations.length - failed.length} of ${observations.length} in order`);
  return {
    observations,
    facts: { variables: Object.keys(given.environment ?? {}).length, node: process.version },
  };
}

/** What a machine without a network can judge: anything else may be in order where `up` will run. */
const JUDGED_OFFLINE = /^(environment|variable-|tool-|disk-)/;

/**
 * The same on what is known already; what cannot be reached from here is a line of the plan, since a preview must also work
 * offline.
 * @throws with every other fault, which stops the preview
 */
export async function planPreflight(
  given: Partial<PreflightInputs>,
  { signal }: StepContext,
): Promise<string[]> {
  // Buckets may be made by the `up` that is being previewed.
  const observations = await look({ ...given, buckets: [] }, signal);
  const faults = observations.filter(({ result }) => result === "failed" || result === "inconclusive");
  const lines = (some: Observation[]) => some.map((o) => `${o.id}: ${o.observed}, want ${o.expected}`);
  const certain = faults.filter(({ id }) => JUDGED_OFFLINE.test(id));
  if (certain.length > 0) throw new Error(lines(certain).join("; "));
  const open =
    given.environment === undefined && given.rulesFile !== undefined ? ", variables known at up" : "";
  return [`preflight: ${observations.length - faults.length} in order${open}`, ...lines(faults)];
}

async function look(given: Partial<PreflightInputs>, signal: AbortSignal): Promise<Observation[]> {
  const clockUrl = given.clockUrl === undefined ? awsUrl() : given.clockUrl;
  const parts: Promise<Observation | Observation[]>[] = [
    variables(given),
    ...Object.entries(given.tools ?? {}).map(([program, minimum]) => judgeTool(program, minimum, signal)),
    ...(given.database ? [judgeDatabase(given.database, signal)] : []),
    ...(given.redis ? [judgeRedis(given.redis, signal)] : []),
    buckets(given.buckets ?? [], signal),
    ...(given.hosts ?? []).map((host) => judgeHost(host, signal)),
    ...(given.certificates ?? []).map((wanted) => judgeCertificate(wanted, signal)),
    ...Object.entries(given.freeMib ?? {}).map(([folder, mib]) => judgeDisk(folder, mib)),
    ...(clockUrl === null ? [] : [judgeClock(clockUrl, given.maximumClockSkewSeconds ?? 5, signal)]),
  ];
  return (await Promise.all(parts)).flat();
}

async function variables({ rulesFile, environment }: Partial<PreflightInputs>): Promise<Observation[]> {
  if (rulesFile === undefined || environment === undefined) return [];
  return judgeVariables(await readVariableRules(rulesFile), environment);
}

async function buckets(names: string[], signal: AbortSignal): Promise<Observation[]> {
  if (names.length === 0) return [];
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({});
  const looks = await Promise.all(names.map((name) => judgeBucket(s3, name, signal)));
  s3.destroy();
  return looks.flat();
}

function awsUrl(): string {
  return process.env.AWS_ENDPOINT_URL ?? "https://sts.amazonaws.com/";
}
