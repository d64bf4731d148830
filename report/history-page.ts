// Releases over time as a page: the four figures, how long each run took and how it ended, and all of them in a table.
import type { History, HistoryEntry } from "./history.ts";
import { duration, outcomeOf, percent } from "./history-words.ts";
import { page } from "./html.ts";
import { type Markup, markup } from "./markup.ts";
import { counted, moment } from "./words.ts";

const WIDTH = 960;
const LABEL = 200;
const OUTCOME = 290;
const ROW = 24;
const MOST_DRAWN = 60;

export function renderHistoryPage(history: History): string {
  const { system, stack, from, to, releases } = history;
  const title = `Releases of ${system} on ${stack}`;
  const drawn = releases.slice(-MOST_DRAWN);
  return page(
    title,
    markup`<header><h1>${title}</h1><p class="meta">${moment(from)} to ${moment(to)}, ${counted(releases.length, "run")} on record</p></header>
<main>${figures(history)}
<h2>How long each took</h2><div class="timeline" tabindex="0" role="group" aria-label="Durations">${bars(drawn)}</div>
<h2>All of them, newest first</h2>
<table><thead><tr><th>When</th><th>Release</th><th>What</th><th>Duration</th><th>Lead time</th><th>Restored after</th><th>Record</th></tr></thead>
<tbody>${releases.toReversed().map(row)}</tbody></table></main>`,
  );
}

function figures({ dora }: History): Markup {
  const { deployments, perWeek, lead, changeFailure, restore } = dora;
  const tile = (value: string, name: string, from: string) =>
    markup`<li><b>${value}</b>${name}<br><small>${from}</small></li>`;
  return markup`<ul class="counts" aria-label="DORA figures">
${tile(`${Number(perWeek.toPrecision(2))} a week`, "deployment frequency", counted(deployments, "deployment"))}
${tile(duration(lead.medianSeconds), "lead time for changes", lead.commits === 0 ? "no commit on record" : `median of ${counted(lead.commits, "commit")}`)}
${tile(percent(changeFailure.rate), "change failure rate", `${changeFailure.failed} failed or undone`)}
${tile(duration(restore.medianSeconds), "time to restore", restoredFrom(restore))}</ul>`;
}

function restoredFrom({ ended, open }: History["dora"]["restore"]): string {
  const over = ended === 0 ? "no failure that is over" : `median of ${counted(ended, "failure")}`;
  return open > 0 ? `${over}, ${open} not over` : over;
}

function bars(releases: HistoryEntry[]): Markup {
  const longest = Math.max(...releases.map(({ durationSeconds }) => durationSeconds), 1);
  const scale = (WIDTH - LABEL - OUTCOME) / longest;
  const rows = releases.map((entry, index) => {
    const y = index * ROW + 4;
    const width = Math.max(entry.durationSeconds * scale, 2);
    return markup`<text x="0" y="${y + 13}">${moment(entry.startedAt).slice(0, 16)} ${entry.release}</text>
<rect class="${stateOf(entry)}" x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="16" rx="2"/>
<text class="axis" x="${(LABEL + width + 6).toFixed(1)}" y="${y + 13}">${duration(entry.durationSeconds)}, ${outcomeOf(entry)}</text>`;
  });
  return markup`<svg viewBox="0 0 ${WIDTH} ${releases.length * ROW + 8}" role="img" aria-label="Durations of the runs; the table below has the same figures">${rows}</svg>`;
}

function row(entry: HistoryEntry): Markup {
  return markup`<tr><td>${moment(entry.recordedAt)}</td><td>${entry.release}</td><td class="word ${stateOf(entry)}">${outcomeOf(entry)}</td>
<td class="number">${duration(entry.durationSeconds)}</td><td class="number">${duration(entry.leadSeconds)}</td><td class="number">${duration(entry.restoredAfterSeconds)}</td><td><code>${entry.key}</code></td></tr>`;
}

/** The class that colours it. */
function stateOf({ kind, result, undoneBy }: HistoryEntry): string {
  if (kind === "stopped") return "inconclusive";
  if (result === "failed") return "failed";
  if (undoneBy !== null) return "inconclusive";
  return kind === "proof" ? "notApplicable" : "passed";
}
