// The deployment's steps on a time axis, as SVG: where the time went at one look.
import { type Markup, markup } from "./markup.ts";
import type { Report } from "./report.ts";

const WIDTH = 960;
const LABEL = 150;
const ROW = 26;

/** Rows in the order of the steps; steps that were not run or kept earlier evidence have no bar. */
export function timeline(report: Report): Markup {
  const start = Date.parse(report.startedAt);
  const spanSeconds = Math.max(report.durationSeconds, 1);
  const scale = (WIDTH - LABEL - 70) / spanSeconds;
  const height = report.steps.length * ROW + 30;
  const rows = report.steps.map((step, index) => {
    const y = index * ROW + 4;
    const label = markup`<text x="0" y="${y + 14}">${step.name}</text>`;
    if (step.startedAt === undefined || !step.ran) {
      const word = step.result === "notRun" ? "not run" : "unchanged";
      return markup`${label}<text class="axis" x="${LABEL}" y="${y + 14}">${word}</text>`;
    }
    const x = LABEL + ((Date.parse(step.startedAt) - start) / 1000) * scale;
    const width = Math.max((step.durationSeconds ?? 0) * scale, 2);
    return markup`${label}<rect class="${step.result}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="18" rx="2"/>
<text class="axis" x="${(x + width + 6).toFixed(1)}" y="${y + 14}">${seconds(step.durationSeconds ?? 0)}</text>`;
  });
  const marks = ticks(spanSeconds).map((second) => {
    const x = (LABEL + second * scale).toFixed(1);
    return markup`<line class="rule" x1="${x}" y1="0" x2="${x}" y2="${height - 22}"/><text class="axis" x="${x}" y="${height - 8}">${second} s</text>`;
  });
  return markup`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Timeline of the steps; the table below has the same figures">${marks}${rows}</svg>`;
}

function ticks(spanSeconds: number): number[] {
  const step =
    [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600].find((size) => spanSeconds / size <= 8) ?? 7200;
  return Array.from({ length: Math.floor(spanSeconds / step) + 1 }, (_, index) => index * step);
}

/** A duration for people, e.g. `0.4 s`, `12 s`, `3 min 5 s`. */
export function seconds(duration: number): string {
  if (duration < 10) return `${duration.toFixed(1)} s`;
  if (duration < 120) return `${Math.round(duration)} s`;
  return `${Math.floor(duration / 60)} min ${Math.round(duration % 60)} s`;
}
