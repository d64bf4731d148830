// What the lines of one log say.
import { type Observation, observe } from "../step/definition.ts";
import { redactor } from "../step/redaction.ts";
import type { LogSource } from "./definition.ts";
import type { Errors } from "./errors.ts";
import type { Line } from "./lines.ts";

// So far two machines' clocks may be apart.
const CLOCK_SECONDS = 300;

export interface Read {
  texts: string[];
  /** In the order of `texts`; undefined for those that are not in the format. */
  lines: (Line | undefined)[];
}

/** @param errors since the release, of all lines since then @param redact takes secrets out of what is shown */
export function judgeLines(
  source: LogSource,
  read: Read,
  errors: Errors,
  since: Date | undefined,
  now: Date,
  redact: (text: string) => string,
): Observation[] {
  const { name } = source;
  if (read.texts.length === 0) {
    const expected = "lines in the log";
    return [{ id: `${name}-format`, result: "inconclusive", expected, observed: "the log is empty" }];
  }
  const known = read.lines.filter((line) => line !== undefined);
  const odd = read.lines.flatMap((line, index) => (line === undefined ? [index] : []));
  return [
    observe(
      `${name}-format`,
      odd.length === 0,
      source.json ? "every line a JSON object with time and level" : "every line in the format",
      `${known.length} of ${read.texts.length} lines${odd.length > 0 ? `; the first other one is ${shape(read.texts[odd[0] ?? 0] ?? "")}` : ""}`,
    ),
    judgeLevels(source, known),
    judgeErrors(source, errors, since, redact),
    ...(source.freshSeconds === undefined ? [] : [judgeAge(name, source.freshSeconds, known, now)]),
    ...(source.correlation === undefined
      ? []
      : [judgeCorrelation(name, source.correlation.minimumPercent, known)]),
  ];
}

function judgeLevels({ name, levels }: LogSource, lines: Line[]): Observation {
  const wanted = new Set(levels.map((level) => level.toUpperCase()));
  const counts = Map.groupBy(lines, ({ level }) => level);
  const others = [...counts.keys()].filter((level) => !wanted.has(level));
  const seen = [...counts].map(([level, found]) => `${found.length} ${level}`).join(", ");
  return observe(
    `${name}-levels`,
    others.length === 0 && lines.length > 0,
    `only ${[...wanted].join(", ")}`,
    seen || "no line",
  );
}

function judgeErrors(
  { name, errorLevels, minimumErrors, maximumErrors, askedErrors }: LogSource,
  { lines, errors, asked, first }: Errors,
  since: Date | undefined,
  redact: (text: string) => string,
): Observation {
  const id = `${name}-errors`;
  const levels = errorLevels.map((level) => level.toUpperCase());
  const when = since === undefined ? "" : ` since ${since.toISOString()}`;
  const least = minimumErrors > 0 ? `at least ${minimumErrors} and ` : "";
  const but = askedErrors === undefined ? "" : ` but those that a check asks for (${askedErrors})`;
  const expected = `${least}at most ${maximumErrors} lines with ${[...new Set(levels)].join(", ")}${but}${when}`;
  if (lines === 0) return { id, result: "inconclusive", expected, observed: `no line${when}` };
  // Of a secret that is cut nobody would know the rest for one.
  const seen = first ? `; the first: "${redact(first.text).slice(0, 160)}"` : "";
  return observe(
    id,
    errors - asked <= maximumErrors && errors >= minimumErrors,
    expected,
    `${errors} of ${lines} lines${askedErrors === undefined ? "" : `, ${asked} of them asked for`}${seen}`,
  );
}

function judgeAge(name: string, freshSeconds: number, lines: Line[], now: Date): Observation {
  const newest = lines.at(-1);
  const age =
    newest === undefined ? Number.POSITIVE_INFINITY : (now.getTime() - newest.time.getTime()) / 1000;
  const ahead = `${Math.round(-age)} s ahead of this machine's clock; is its time without a zone that of another one?`;
  const old = age < -CLOCK_SECONDS ? ahead : `${Math.round(age)} s old`;
  const seen = newest === undefined ? "no line" : old;
  const good = age >= -CLOCK_SECONDS && age <= freshSeconds;
  return observe(`${name}-fresh`, good, `newest line at most ${freshSeconds} s old`, seen);
}

function judgeCorrelation(name: string, minimumPercent: number, lines: Line[]): Observation {
  const having = lines.filter(({ correlation }) => correlation !== undefined).length;
  const percent = lines.length === 0 ? 0 : (100 * having) / lines.length;
  const seen = `${having} of ${lines.length} lines`;
  return observe(
    `${name}-correlation`,
    lines.length > 0 && percent >= minimumPercent,
    `an id in ${minimumPercent} % of the lines`,
    seen,
  );
}

/**
 * Values that may not be shown, also as JSON and addresses have them, and patterns by name: only where they stand is told, never
 * the line.
 */
export function judgeSecrets(
  name: string,
  texts: string[],
  secrets: string[],
  forbidden: { [name: string]: string },
): Observation {
  const patterns = Object.entries(forbidden).map(([called, text]) => ({ called, pattern: new RegExp(text) }));
  const redact = redactor(secrets);
  const found = texts.flatMap((text, index) => [
    ...(redact(text) === text ? [] : [`a secret of the application in line ${index + 1}`]),
    ...patterns
      .filter(({ pattern }) => pattern.test(text))
      .map(({ called }) => `${called} in line ${index + 1}`),
  ]);
  const what = [`${secrets.length} secret values`, ...patterns.map(({ called }) => called)].join(", ");
  const shown = found.slice(0, 5).join("; ");
  if (texts.length === 0)
    return {
      id: `${name}-secrets`,
      result: "inconclusive",
      expected: `none of ${what}`,
      observed: "the log is empty",
    };
  return observe(
    `${name}-secrets`,
    found.length === 0,
    `none of ${what} in ${texts.length} lines`,
    shown || "none",
  );
}

/** The shape of a line without what it says: it may hold anything. */
function shape(text: string): string {
  return `"${text
    .slice(0, 120)
    .replace(/\p{L}+/gu, "a")
    .replace(/\d+/g, "0")}"`;
}
