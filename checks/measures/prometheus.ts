// The text format of Prometheus, version 0.0.4, as far as a check needs it: families with type and samples. A text that does not
// keep to the format is refused with its line: half a page of metrics would be judged as a whole one.

export interface Sample {
  /** As written, e.g. `http_request_duration_seconds_bucket`. */
  name: string;
  labels: { [name: string]: string };
  value: number;
}

export interface Family {
  name: string;
  /** `counter`, `gauge`, `histogram`, `summary`, or `untyped` where the text says nothing. */
  type: string;
  help: string;
  samples: Sample[];
}

const COMMENT = /^#\s+(HELP|TYPE)\s+([A-Za-z_:][\w:]*)(?:\s+(.*))?$/;
const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /\s*([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;
const SUFFIXES: { [type: string]: string[] } = {
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["_sum", "_count"],
};

/** @throws naming the first line that is not in the format */
export function parseMetrics(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "") continue;
    if (line.startsWith("#")) {
      const [, word, name = "", rest = ""] = COMMENT.exec(line) ?? [];
      if (word === "HELP") familyOf(families, name).help = rest;
      if (word === "TYPE") familyOf(families, name).type = rest;
      continue;
    }
    const [, name, labels = "", written = ""] = SAMPLE.exec(line) ?? [];
    const value = numberOf(written);
    const pairs = labelsOf(labels);
    if (name === undefined || value === undefined || pairs === undefined)
      throw new Error(`metrics: line ${index + 1} is no sample: "${line.slice(0, 80)}"`);
    familyOf(families, ownerOf(families, name)).samples.push({ name, labels: pairs, value });
  }
  return families;
}

function familyOf(families: Map<string, Family>, name: string): Family {
  const known = families.get(name);
  if (known) return known;
  const family: Family = { name, type: "untyped", help: "", samples: [] };
  families.set(name, family);
  return family;
}

/** The family of a sample: `x_bucket` belongs to the histogram `x`. */
function ownerOf(families: Map<string, Family>, name: string): string {
  if (families.has(name)) return name;
  for (const [type, suffixes] of Object.entries(SUFFIXES))
    for (const suffix of suffixes)
      if (name.endsWith(suffix) && families.get(name.slice(0, -suffix.length))?.type === type)
        return name.slice(0, -suffix.length);
  return name;
}

/** Numbers as Go writes and reads them, in which Prometheus is written. */
function numberOf(text: string): number | undefined {
  const [, sign = "", word] = /^([+-]?)(inf|infinity|nan)$/i.exec(text) ?? [];
  if (word?.toLowerCase() === "nan") return Number.NaN;
  if (word !== undefined) return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function labelsOf(text: string): { [name: string]: string } | undefined {
  const labels: { [name: string]: string } = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (!match) return undefined;
    const [, name = "", value = ""] = match;
    labels[name] = value.replace(/\\(.)/g, (_all, sign: string) => (sign === "n" ? "\n" : sign));
  }
  return labels;
}

/** What a label must be: a text, or a pattern for the whole of it. */
export type LabelWanted = string | { matches: string };

/** The samples of a family whose labels are as wanted. */
export function matching(samples: readonly Sample[], labels: { [name: string]: LabelWanted }): Sample[] {
  const wanted = Object.entries(labels).map(
    ([name, value]) =>
      [name, typeof value === "string" ? value : new RegExp(`^(?:${value.matches})$`)] as const,
  );
  return samples.filter((sample) =>
    wanted.every(([name, value]) => {
      const seen = sample.labels[name] ?? "";
      return typeof value === "string" ? seen === value : value.test(seen);
    }),
  );
}
