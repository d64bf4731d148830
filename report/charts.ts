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
  }),
]);
type Chart = z.output<typeof chart>;

const WIDTH = 720;
const LABEL = 150;
const ROW = 24;
const LINE_HEIGHT = 140;

/** The charts that a step's facts hold; facts of any other shape have none. */
export function charts(facts: { [name: string]: unknown }): Markup[] {
  const read = z.array(chart).safeParse(facts.charts);
  return read.success ? read.data.map(figure) : [];
}

function figure(given: Chart): Markup {
  const told = given.limit === undefined ? given.unit : `${given.unit}, limit ${short(given.limit)}`;
  return markup`<figure tabindex="0"><figcaption>${given.title} (${told})</figcaption>${"bars" in given ? bars(given) : line(given)}</figure>`;
}

function bars({ bars: values, limit, title, unit }: Extract<Chart, { bars: unknown }>): Markup {
  const top = Math.max(
    limit ?? 0,
    ...values.flatMap(([, value, own]) => [value, own ?? 0]),
    Number.MIN_VALUE,
  );
  const scale = (WIDTH - LABEL - 90) / top;
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

function line({ line: points, limit, title, unit }: Extract<Chart, { line: unknown }>): Markup {
  const values = points.map(([, value]) => value);
  const top = Math.max(limit ?? 0, ...values) * 1.1 || 1;
  const from = points[0]?.[0] ?? 0;
  const span = (points.at(-1)?.[0] ?? 0) - from || 1;
  const x = (second: number) => (60 + ((second - from) / span) * (WIDTH - 120)).toFixed(1);
  const y = (value: number) => (LINE_HEIGHT - 20 - (value / top) * (LINE_HEIGHT - 30)).toFixed(1);
  const path = points.map(([second, value]) => `${x(second)},${y(value)}`).join(" ");
  const state = limit !== undefined && values.some((value) => value > limit) ? "failed" : "passed";
  const mark =
    limit === undefined
      ? undefined
      : markup`<line class="limit" x1="60" y1="${y(limit)}" x2="${WIDTH - 60}" y2="${y(limit)}"/><text class="axis" x="${WIDTH - 55}" y="${y(limit)}">${short(limit)}</text>`;
  const said = `${title}: from ${short(Math.min(...values))} to ${short(Math.max(...values))} ${unit} in ${Math.round(span)} s`;
  return markup`<svg viewBox="0 0 ${WIDTH} ${LINE_HEIGHT}" role="img" aria-label="${said}"><text class="axis" x="0" y="${y(Math.max(...values))}">${short(Math.max(...values))}</text>
<text class="axis" x="0" y="${LINE_HEIGHT - 20}">0</text><polyline class="${state}" points="${path}"/>${mark}
<text class="axis" x="60" y="${LINE_HEIGHT - 4}">0 s</text><text class="axis" x="${WIDTH - 60}" y="${LINE_HEIGHT - 4}" text-anchor="end">${Math.round(span)} s</text></svg>`;
}

/** Three significant digits. */
function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString();
}
