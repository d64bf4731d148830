// One look at all logs.
import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { exchange } from "../http/request.ts";
import type { LogsInputs } from "../logs.ts";
import { type Facts, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { redactor } from "../step/redaction.ts";
import { waitUntil } from "../wait.ts";
import type { LogSource } from "./definition.ts";
import { addFiles, Errors } from "./errors.ts";
import { judgeLines, judgeSecrets } from "./judge.ts";
import { eventsOf, type Line, parseLine, readEvents, readLines } from "./lines.ts";
import { rotatedOf } from "./rotated.ts";

// Shorter values occur by chance.
const SHORTEST_SECRET = 8;

export async function runLogs(given: LogsInputs, { signal }: StepContext): Promise<Finding> {
  const since = given.since.length === 0 ? undefined : new Date([...given.since].sort().at(-1) ?? "");
  const secrets = given.secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  const observations: Observation[] = [];
  const facts: Facts = {};
  for (const source of given.sources) {
    if (source.marker) observations.push(await judgeMarker(source, source.marker, signal));
    try {
      const errors = new Errors(source, since);
      const events = await readEvents(source, since, signal, (text) => errors.add(text));
      const texts = events.map(({ text }) => text);
      if (source.file !== undefined && since) await addFiles(errors, source.file, since, signal);
      else if (source.file !== undefined) for (const text of texts) errors.add(text);
      const lines = texts.map((text) => parseLine(text, source));
      observations.push(
        ...judgeLines(source, { texts, lines }, errors, since, new Date(), redactor(secrets)),
        judgeSecrets(source.name, texts, secrets, given.forbidden),
      );
      if (source.group !== undefined)
        observations.push(await judgeSearch(source, source.group, lines.at(-1), events.at(-1)?.at, signal));
      facts[source.name] = { lines: texts.length, newest: lines.at(-1)?.time.toISOString() ?? null };
    } catch (error) {
      if (signal.aborted) throw error;
      const id = `${source.name}-format`;
      observations.push({
        id,
        result: "failed",
        expected: "a log that can be read",
        observed: messageOf(error),
      });
    }
    if (source.rotation && source.file !== undefined)
      observations.push(await judgeRotation(source.name, source.file, source.rotation));
    if (source.minimumRetentionDays !== undefined && source.group !== undefined)
      observations.push(await judgeRetention(source.name, source.group, source.minimumRetentionDays, signal));
  }
  return { observations, facts };
}

async function judgeMarker(
  source: LogSource,
  marker: NonNullable<LogSource["marker"]>,
  signal: AbortSignal,
): Promise<Observation> {
  const word = `greenlight-${randomBytes(6).toString("hex")}`;
  const filled = (text: string) => text.replaceAll("${marker}", word);
  const headers = Object.fromEntries(
    Object.entries(marker.headers).map(([name, value]) => [name, filled(value)]),
  );
  const id = `${source.name}-marker`;
  const expected = `a line with the marker of a request within ${marker.withinSeconds} s`;
  const began = new Date();
  try {
    await exchange({
      url: filled(marker.url),
      method: marker.method,
      headers,
      ...(marker.body === undefined ? {} : { body: filled(marker.body) }),
      timeoutSeconds: 10,
      signal,
    });
    const waited = await waitUntil(
      async () => (await readLines(source, began, signal)).filter((text) => text.includes(word)).length,
      (count) => count > 0,
      { withinSeconds: marker.withinSeconds, everySeconds: 0.25, signal },
    );
    const seconds = waited.seconds.toFixed(1);
    return observe(
      id,
      waited.ready,
      expected,
      waited.ready ? `there after ${seconds} s` : `none after ${seconds} s`,
    );
  } catch (error) {
    if (signal.aborted) throw error;
    return { id, result: "failed", expected, observed: messageOf(error) };
  }
}

async function judgeRotation(
  name: string,
  file: string,
  { maximumBytes, maximumFiles }: NonNullable<LogSource["rotation"]>,
): Promise<Observation> {
  const id = `${name}-rotation`;
  const expected = `files of at most ${maximumBytes} bytes, at most ${maximumFiles} older ones`;
  const found = await rotationOf(file).catch((error) => messageOf(error));
  if (typeof found === "string") return { id, result: "failed", expected, observed: found };
  const { current, older } = found;
  const sizes = [current, ...older.map(({ bytes }) => bytes)];
  const large = sizes.filter((bytes) => bytes > maximumBytes * 1.02);
  const seen = `${older.length} older, the largest ${Math.max(...sizes)} bytes`;
  if (large.length > 0 || older.length > maximumFiles) return observe(id, false, expected, seen);
  return older.length > 0
    ? observe(id, true, expected, seen)
    : { id, result: "notApplicable", expected, observed: `nothing had to be rotated yet: ${seen}` };
}

/** The bytes of the file that is written, of those that a name with `*` means the newest, and the others. */
async function rotationOf(file: string): Promise<{ current: number; older: { bytes: number }[] }> {
  const found = await rotatedOf(file);
  if (!basename(file).includes("*")) return { current: (await stat(file)).size, older: found };
  const [newest, ...older] = found;
  if (newest === undefined) throw new Error(`no file ${file}`);
  return { current: newest.bytes, older };
}

/** Asks for the newest line by its level and the time at which it came: it must be found, and nothing of another level with it. */
async function judgeSearch(
  source: LogSource,
  group: string,
  newest: Line | undefined,
  at: number | undefined,
  signal: AbortSignal,
): Promise<Observation> {
  const id = `${source.name}-search`;
  const expected = "a line is found by its level and time, and no others with it";
  if (newest === undefined || at === undefined)
    return { id, result: "inconclusive", expected, observed: "no line to search for" };
  // CloudWatch tells upper from lower case.
  const query = { startTime: at, endTime: at + 1, filterPattern: `"${newest.written}"` };
  // CloudWatch counts the end in, and a busy log has a line there by now.
  const found = (await eventsOf(group, query, signal)).filter((event) => event.at !== at + 1);
  const others = found.filter(
    (event) => event.at !== at || parseLine(event.text, source)?.level !== newest.level,
  );
  const seen = `${newest.level} at ${new Date(at).toISOString()}: ${found.length} lines, ${others.length} of them others`;
  const there = found.some(({ text }) => text === newest.text);
  return observe(id, there && others.length === 0, expected, seen);
}

async function judgeRetention(
  name: string,
  group: string,
  minimumDays: number,
  signal: AbortSignal,
): Promise<Observation> {
  const { CloudWatchLogsClient, DescribeLogGroupsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new CloudWatchLogsClient({});
  try {
    const { logGroups = [] } = await client.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: group }),
      { abortSignal: signal },
    );
    const found = logGroups.find(({ logGroupName }) => logGroupName === group);
    const days = found?.retentionInDays;
    const seen = found === undefined ? "no such group" : days === undefined ? "for ever" : `${days} days`;
    const kept = found !== undefined && (days === undefined || days >= minimumDays);
    return observe(`${name}-retention`, kept, `${group} kept for at least ${minimumDays} days`, seen);
  } finally {
    client.destroy();
  }
}
