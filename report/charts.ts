// Figures where people look rather than read: bars or a line over time, with the limit that they are judged by. A step offers
// them in its facts as `charts`; the figures themselves stay in the table beside.
import { z } from "zod";
import { type Markup, markup } from "./markup.ts";

const chart = z.union([
  z.object({
    title: z.string(),
    unit: z.string(),
    /** Values above it are a breach. */
    limit: z.number().optional(),
    /** Name, value, and the bar's own limit where bars have different ones. */
    bars: z.array(z.tuple([z.string(), z.number(), z.number().optional()])).min(1),
  }),
  z.object({
    title: z.string(),
    unit: z.string(),
    limit: z.number().optional(),
    /** Seconds since the first sample, and the value. */
    line: z.array(z.tuple([z.number(), z.number()])).min(2),
    /** Values below it are a breach. */
    minimum: z.number().optional(),
  }),
  z.object({
    title: z.string(),
    unit: z.string(),
    /** Upper bound of each class, ascending, and how many fall into it. */
    histogram: z.array(z.tuple([z.number(), z.number()])).min(1),
  }),
]);
type Chart = z.output<typeof chart>;

const WIDTH = 480;
const LABEL = 110;
const ROW = 24;
const LINE_HEIGHT = 140;

/** The charts that a step's facts hold; facts of any other shape have none. */
export function charts(facts: { [name: string]: unknown }): Markup[] {
  const read = z.array(chart).safeParse(facts.charts);
  return read.success ? read.data.map(figure) : [];
}

function figure(given: Chart): Markup {
  const limits = [
    ...("limit" in given && given.limit !== undefined ? [`limit ${short(given.limit)}`] : []),
    ...("minimum" in given && given.minimum !== undefined ? [`at least ${short(given.minimum)}`] : []),
  ];
  const told = [given.unit, ...limits].filter((part) => part !== "").join(", ");
  const title = told === "" ? given.title : `${given.title} (${told})`;
  return markup`<figure tabindex="0"><figcaption>${title}</figcaption>${drawn(given)}</figure>`;
}

function drawn(given: Chart): Markup {
  if ("bars" in given) return bars(given);
  return "line" in given ? line(given) : histogram(given);
}

function bars({ bars: values, limit, title, unit }: Extract<Chart, { bars: unknown }>): Markup {
  const top = Math.max(limit ?? 0, ...values.flatMap(([, value, own]) => [value, own ?? 0]));
  const scale = (WIDTH - LABEL - 90) / (top || 1);
  const height = values.length * ROW + 4;
  const mark = (at: number, from: number, to: number) => {
    const x = (LABEL + at * scale).toFixed(1);
    return markup`<line class="limit" x1="${x}" y1="${from}" x2="${x}" y2="${to}"/>`;
  };
  const rows = values.map(([label, value, own], index) => {
    const y = index * ROW + 4;
    const width = Math.max(value * scale, 1);
    const bound = own ?? limit;
    const state = bound !== undefined && value > bound ? "failed" : "passed";
    return markup`<text x="0" y="${y + 13}">${label}</text><rect class="${state}" x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="16" rx="2"/>
<text class="axis" x="${(LABEL + width + 6).toFixed(1)}" y="${y + 13}">${short(value)} ${unit}</text>${own === undefined ? undefined : mark(own, y - 2, y + 18)}`;
  });
  const all = limit === undefined ? undefined : mark(limit, 0, height);
  const said = values.map(
    ([label, value, own]) =>
      `${label} ${short(value)} ${unit}${own === undefined ? "" : `, limit ${short(own)}`}`,
  );
  return markup`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${`${title}: ${said.join(", ")}`}">${rows}${all}</svg>`;
}

function line({ line: points, limit, minimum, title, unit }: Extract<Chart, { line: unknown }>): Markup {
  const values = points.map(([, value]) => value);
  const lowest = Math.min(0, minimum ?? 0, ...values);
  const top = Math.max(limit ?? 0, minimum ?? 0, ...values) * 1.1 || 1;
  const from = points[0]?.[0] ?? 0;
  const span = (points.at(-1)?.[0] ?? 0) - from || 1;
  const x = (second: number) => (60 + ((second - from) / span) * (WIDTH - 120)).toFixed(1);
  const y = (value: number) =>
    (LINE_HEIGHT - 20 - ((value - lowest) / (top - lowest)) * (LINE_HEIGHT - 30)).toFixed(1);
  const path = points.map(([second, value]) => `${x(second)},${y(value)}`).join(" ");
  const breached = values.some(
    (value) => value > (limit ?? Number.POSITIVE_INFINITY) || value < (minimum ?? Number.NEGATIVE_INFINITY),
  );
  const marks = [limit, minimum].flatMap((bound) =>
    bound === undefined
      ? []
      : markup`<line class="limit" x1="60" y1="${y(bound)}" x2="${WIDTH - 60}" y2="${y(bound)}"/><text class="axis" x="${WIDTH - 55}" y="${y(bound)}">${short(bound)}</text>`,
  );
  const said = `${title}: from ${short(Math.min(...values))} to ${short(Math.max(...values))} ${unit} in ${Math.round(span)} s`;
  return markup`<svg viewBox="0 0 ${WIDTH} ${LINE_HEIGHT}" role="img" aria-label="${said}"><text class="axis" x="0" y="${y(Math.max(...values))}">${short(Math.max(...values))}</text>
<text class="axis" x="0" y="${LINE_HEIGHT - 20}">${short(lowest)}</text><polyline class="${breached ? "failed" : "passed"}" points="${path}"/>${marks}
<text class="axis" x="60" y="${LINE_HEIGHT - 4}">${clock(from)}</text><text class="axis" x="${WIDTH - 60}" y="${LINE_HEIGHT - 4}" text-anchor="end">${clock(from + span)}</text></svg>`;
}

/** Columns of one width, whatever their class; every few of them has its bound written below. */
function histogram({ histogram: classes, title, unit }: Extract<Chart, { histogram: unknown }>): Markup {
  const most = Math.max(...classes.map(([, number]) => number), 1);
  const width = (WIDTH - 60) / classes.length;
  const every = Math.ceil(classes.length / 10);
  const columns = classes.map(([bound, number], index) => {
    const height = (number / most) * (LINE_HEIGHT - 40);
    const x = 60 + index * width;
    const label =
      index % every === 0 || index === classes.length - 1
        ? markup`<text class="axis" x="${(x + width).toFixed(1)}" y="${LINE_HEIGHT - 4}" text-anchor="end">${short(bound)}</text>`
        : undefined;
    return markup`<rect class="passed" x="${(x + 1).toFixed(1)}" y="${(LINE_HEIGHT - 20 - height).toFixed(1)}" width="${Math.max(1, width - 2).toFixed(1)}" height="${height.toFixed(1)}"/>${label}`;
  });
  const said = classes
    .filter(([, number]) => number > 0)
    .map(([bound, number]) => `${number} up to ${short(bound)} ${unit}`);
  return markup`<svg viewBox="0 0 ${WIDTH} ${LINE_HEIGHT}" role="img" aria-label="${`${title}: ${said.join(", ")}`}"><text class="axis" x="0" y="20">${most}</text>
<text class="axis" x="0" y="${LINE_HEIGHT - 20}">0</text>${columns}</svg>`;
}

/** Seconds after the start, in the largest unit that fits. */
function clock(seconds: number): string {
  if (seconds < 300) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toFixed(1))} h`;
}

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** Three significant digits; large numbers with their thousands in a letter, e.g. `256M`. */
function short(value: number): string {
  if (value >= 100_000) return COMPACT.format(value);
  return value >= 1000 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString();
}
