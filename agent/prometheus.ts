// The text in which applications tell their metrics to Prometheus, as far as figures need it: name, labels, value.

export interface Series {
  name: string;
  labels: { readonly [name: string]: string };
  value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** @throws with the number of the first line that is neither a comment nor a series */
export function parseMetrics(text: string): Series[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const [, name, labels = "", value] = LINE.exec(line.trim()) ?? [];
    const number = numberOf(value);
    if (name === undefined || number === undefined)
      throw new Error(`metrics: line ${index + 1} is no series, want NAME{LABELS} VALUE`);
    return [{ name, labels: labelsOf(labels), value: number }];
  });
}

/** Series of a family that have the given labels; each wanted value is a regular expression of the whole value. */
export function select(
  series: readonly Series[],
  name: string,
  wanted: { readonly [label: string]: string },
): Series[] {
  const tests = Object.entries(wanted).map(
    ([label, value]) => [label, new RegExp(`^(?:${value})$`)] as const,
  );
  return series.filter(
    (one) => one.name === name && tests.every(([label, test]) => test.test(one.labels[label] ?? "")),
  );
}

export function total(series: readonly Series[]): number {
  return series.reduce((sum, { value }) => sum + value, 0);
}

/** What tells one series from all others. */
export function keyOf({ name, labels }: Series): string {
  return `${name}${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

function labelsOf(text: string): { [name: string]: string } {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = "", value = ""]) => [name, unescaped(value)]),
  );
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[+-]?Inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (text === "NaN") return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}
