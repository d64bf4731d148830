// The deployment's steps on a time axis, as SVG: where the time went at one look.
import { type Markup, markup } from "./markup.ts";
import type { Report } from "./report.ts";

const WIDTH = 960;
const LABEL = 150;
const ROW = 26;

/** Rows in the order of the steps that ran; the others stand below in a line. */
export function timeline(report: Report): Markup {
  const start = Date.parse(report.startedAt);
  const spanSeconds = Math.max(report.durationSeconds, 1);
  const scale = (WIDTH - LABEL - 90) / spanSeconds;
  const bars = barsOf(report, start);
  const height = bars.length * ROW + 30;
  const rows = bars.map(({ name, state, from, seconds: took }, index) => {
    const y = index * ROW + 4;
    const x = LABEL + from * scale;
    const width = Math.max(took * scale, 2);
    const said = state === "failed" ? `${seconds(took)}, failed` : seconds(took);
    return markup`<text x="0" y="${y + 14}">${name}</text><rect class="${state}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="18" rx="2"/>
<text class="axis" x="${(x + width + 6).toFixed(1)}" y="${y + 14}">${said}</text>`;
  });
  const marks = ticks(spanSeconds).map((second) => {
    const x = (LABEL + second * scale).toFixed(1);
    return markup`<line class="rule" x1="${x}" y1="0" x2="${x}" y2="${height - 22}"/><text class="axis" x="${x}" y="${height - 8}">${seconds(second)}</text>`;
  });
  return markup`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Timeline of the steps; the table below has the same figures">${marks}${rows}</svg>`;
}

interface Bar {
  name: string;
  state: string;
  /** Seconds after the start. */
  from: number;
  seconds: number;
}

/** What came before the first step was the preview. */
function barsOf(report: Report, start: number): Bar[] {
  const bars = report.steps.flatMap(({ name, result, startedAt, durationSeconds = 0, ran }): Bar[] =>
    ran && startedAt !== undefined
      ? [{ name, state: result, from: (Date.parse(startedAt) - start) / 1000, seconds: durationSeconds }]
      : [],
  );
  const before = Math.min(...bars.map(({ from }) => from));
  const preview = { name: "preview", state: "notApplicable", from: 0, seconds: before };
  return Number.isFinite(before) && before > 1 ? [preview, ...bars] : bars;
}

/** The steps without a bar, by the reason. */
export function without(report: Report): { said: string; names: string[] }[] {
  const rest = report.steps.filter(({ ran }) => !ran);
  const unchanged = rest.filter(({ result }) => result !== "notRun").map(({ name }) => name);
  const notRun = rest.filter(({ result }) => result === "notRun").map(({ name }) => name);
  return [
    { said: "Unchanged, earlier evidence holds", names: unchanged },
    { said: "Not run", names: notRun },
  ].filter(({ names }) => names.length > 0);
}

function ticks(spanSeconds: number): number[] {
  const step =
    [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600].find((size) => spanSeconds / size <= 8) ?? 7200;
  return Array.from({ length: Math.floor(spanSeconds / step) + 1 }, (_, index) => index * step);
}

/** A duration for people, e.g. `0.4 s`, `12 s`, `3 min 5 s`, `4 min`. */
export function seconds(duration: number): string {
  if (duration < 10) return `${duration.toFixed(1)} s`;
  if (duration < 120) return `${Math.round(duration)} s`;
  const whole = Math.round(duration);
  const rest = whole % 60;
  return `${Math.floor(whole / 60)} min${rest > 0 ? ` ${rest} s` : ""}`;
}
