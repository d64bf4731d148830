// An application's log file: `timestamp | level | component | message {json}`, one line an event, rotated daily and at a
// size. Secret values of the variables are taken out of every line.
import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createStream } from "rotating-file-stream";
import type { PartFaults } from "./faults.ts";

export const levels = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof levels)[number];
type Metadata = Record<string, boolean | number | string | null | undefined>;

/** Writes for one component, e.g. `queue`. */
export type Logger = Record<Level, (message: string, metadata?: Metadata) => void>;

/** The open log file. */
export interface Log {
  component(name: string): Logger;
  /** Resolves when all lines are in the file. */
  close(): Promise<void>;
}

/** How many lines of each level were written so far. */
export type LogLines = ReadonlyMap<Level, number>;

export interface LogSettings {
  file: string;
  level: Level;
  /** A file of this size is rotated. */
  maxBytes: number;
  maxFiles: number;
}

/** @param secrets values that no line may show. */
export function openLog(
  settings: LogSettings,
  secrets: readonly string[],
  faults: PartFaults,
): Log & { lines: LogLines } {
  mkdirSync(dirname(settings.file), { recursive: true });
  const stream = createStream(basename(settings.file), {
    path: dirname(settings.file),
    size: `${settings.maxBytes}B`,
    interval: "1d",
    intervalUTC: true,
    maxFiles: settings.maxFiles,
    mode: 0o640,
  });
  const lines = new Map<Level, number>(levels.map((level) => [level, 0]));
  const lowest = levels.indexOf(settings.level);
  const write = (level: Level, component: string, message: string, metadata?: Metadata) => {
    if (levels.indexOf(level) < lowest || faults.has("log-silent")) return;
    lines.set(level, (lines.get(level) ?? 0) + 1);
    const line = renderLine(new Date(), level, component, message, metadata);
    const shown = redact(line, faults.has("secret-in-log") ? [] : secrets);
    stream.write(`${faults.has("log-format") ? shown.replaceAll(" | ", " ") : shown}\n`);
  };
  if (faults.has("secret-in-log")) write("info", "main", `variables are ${secrets.join(", ")}`);
  if (faults.has("log-errors")) write("error", "main", "Processing failed", { count: 0 });
  return {
    component: (name) => ({
      debug: (message, metadata) => write("debug", name, message, metadata),
      info: (message, metadata) => write("info", name, message, metadata),
      warn: (message, metadata) => write("warn", name, message, metadata),
      error: (message, metadata) => write("error", name, message, metadata),
    }),
    lines,
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}

/** A line break or a separator in a message cannot forge a second line or a field. */
export function renderLine(
  time: Date,
  level: Level,
  component: string,
  message: string,
  metadata: Metadata = {},
): string {
  const text = message.replaceAll(/[\r\n]+/g, " ").replaceAll("|", "/");
  return `${time.toISOString()} | ${level.toUpperCase()} | ${component} | ${text} ${JSON.stringify(metadata)}`;
}

function redact(line: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 6)
    .reduce((text, secret) => text.replaceAll(secret, "[secret]"), line);
}
