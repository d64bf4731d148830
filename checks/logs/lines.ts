// Lines of a log, oldest first, from a file or from CloudWatch Logs.
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { valueAt } from "../http/json-path.ts";
import { compressedLines } from "./compressed.ts";
import type { LogSource } from "./definition.ts";
import { isCompressed, rotatedOf } from "./rotated.ts";

// A line is rarely longer; more of the file is read until there are enough.
const BYTES_A_LINE = 500;
const MOST_BYTES = 256 * 1024 * 1024;

/** A line as it came into a log group, which need not be when it was written: whoever brings it there says. */
export interface LogEvent {
  /** Milliseconds since 1970; undefined for a line of a file. */
  at: number | undefined;
  text: string;
}

/**
 * The newest lines.
 * @param each is given every line of a log group since then, which is read as a whole anyway
 * @throws when the log cannot be read
 */
export async function readEvents(
  source: LogSource,
  since: Date | undefined,
  signal: AbortSignal,
  each: (text: string) => void = () => {},
): Promise<LogEvent[]> {
  if (source.group !== undefined) return await ofGroup(source.group, source.lines, since, signal, each);
  const lines = await ofFiles(source.file ?? "", source.lines, since);
  return lines.map((text) => ({ at: undefined, text }));
}

/** The same without when they came. */
export async function readLines(
  source: LogSource,
  since: Date | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  return (await readEvents(source, since, signal)).map(({ text }) => text);
}

async function ofFiles(pattern: string, count: number, since: Date | undefined): Promise<string[]> {
  let lines: string[] = [];
  for (const file of await filesFrom(pattern, since)) {
    const read = isCompressed(file) ? ofCompressed : ofFile;
    lines = [...(await read(file, count - lines.length)), ...lines];
    if (lines.length >= count) break;
  }
  return lines;
}

async function ofFile(file: string, count: number): Promise<string[]> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    for (let bytes = count * BYTES_A_LINE; ; bytes *= 4) {
      const length = Math.min(size, bytes, MOST_BYTES);
      const buffer = Buffer.alloc(length);
      await handle.read(buffer, 0, length, size - length);
      const lines = buffer
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "");
      // The first one may have been cut in its middle.
      const whole = length < size ? lines.slice(1) : lines;
      if (whole.length >= count || length === size || length === MOST_BYTES) return whole.slice(-count);
    }
  } finally {
    await handle.close();
  }
}

async function ofCompressed(file: string, count: number): Promise<string[]> {
  let newest: string[] = [];
  for await (const lines of compressedLines(file)) newest = [...newest, ...lines].slice(-count);
  return newest;
}

/**
 * The file; or of those that a name with `*` means the newest. After it those beside it, or of that name, that were written to
 * since then: one that has just begun says little.
 * @throws when there is none
 */
export async function filesFrom(pattern: string, since: Date | undefined): Promise<string[]> {
  const found = await rotatedOf(pattern);
  const [newest, ...older] = basename(pattern).includes("*") ? found : [{ file: pattern }, ...found];
  if (newest === undefined) throw new Error(`no file ${pattern}`);
  const late = older.filter((one) => since !== undefined && "at" in one && one.at >= since.getTime());
  return [newest, ...late].map(({ file }) => file);
}

async function ofGroup(
  group: string,
  count: number,
  since: Date | undefined,
  signal: AbortSignal,
  each: (text: string) => void,
): Promise<LogEvent[]> {
  const startTime = since?.getTime() ?? Date.now() - 3_600_000;
  return eventsOf(group, { startTime }, signal, count, each);
}

/** The newest `count` of what CloudWatch Logs finds, oldest first; times in milliseconds since 1970. */
export async function eventsOf(
  logGroupName: string,
  query: { startTime: number; endTime?: number; filterPattern?: string },
  signal: AbortSignal,
  count = Number.POSITIVE_INFINITY,
  each: (text: string) => void = () => {},
): Promise<LogEvent[]> {
  const { CloudWatchLogsClient, FilterLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new CloudWatchLogsClient({});
  let events: { at: number; text: string }[] = [];
  const newest = () => events.sort((a, b) => a.at - b.at).slice(-count);
  let nextToken: string | undefined;
  try {
    do {
      const command = new FilterLogEventsCommand({
        logGroupName,
        ...query,
        ...(nextToken ? { nextToken } : {}),
      });
      const page = await client.send(command, { abortSignal: signal });
      for (const { timestamp = 0, message = "" } of page.events ?? []) {
        events.push({ at: timestamp, text: message.trimEnd() });
        each(message.trimEnd());
      }
      // A busy group has more events than memory.
      if (events.length > 2 * count) events = newest();
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  } finally {
    client.destroy();
  }
  return newest();
}

/** What a line says of itself; undefined when it is not in the format. */
export interface Line {
  text: string;
  time: Date;
  /** In upper case. */
  level: string;
  /** The level as it stands in the line. */
  written: string;
  correlation: string | undefined;
}

export function parseLine(text: string, source: LogSource): Line | undefined {
  const field = source.correlation?.field;
  const read = source.json ? ofJson(text, source.json, field) : ofPattern(text, source.pattern ?? "", field);
  const time = new Date(read?.time ?? "");
  if (read === undefined || read.level === "" || Number.isNaN(time.getTime())) return undefined;
  const { level: written, correlation } = read;
  return { text, time, level: written.toUpperCase(), written, correlation: correlation || undefined };
}

interface Fields {
  time: string | number;
  level: string;
  correlation: string | undefined;
}

function ofJson(
  text: string,
  paths: { time: string; level: string },
  field: string | undefined,
): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const time = valueAt(parsed, paths.time);
    const level = valueAt(parsed, paths.level);
    const correlation =
      field === undefined ? undefined : valueAt(parsed, field.startsWith("$") ? field : `$.${field}`);
    if ((typeof time !== "string" && typeof time !== "number") || typeof level !== "string") return undefined;
    return { time, level, correlation: correlation === undefined ? undefined : String(correlation) };
  } catch {
    return undefined;
  }
}

function ofPattern(text: string, pattern: string, field: string | undefined): Fields | undefined {
  const groups = new RegExp(`^(?:${pattern})$`).exec(text)?.groups;
  if (groups === undefined) return undefined;
  return {
    time: groups.time ?? "",
    level: groups.level ?? "",
    correlation: field === undefined ? undefined : groups[field],
  };
}
