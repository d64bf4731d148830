// The report as one HTML file that opens offline: verdict first, then where the time went, evidence, boxes.
import { readFileSync } from "node:fs";
import { charts } from "./charts.ts";
import { type BoxVerdict, VERDICTS } from "./checklist.ts";
import { Markup, markup } from "./markup.ts";
import type { Report } from "./report.ts";
import { observed, type StepReport } from "./steps.ts";
import { seconds, timeline } from "./timeline.ts";

const WORDS: { [verdict: string]: string } = {
  proven: "proven",
  failed: "failed",
  incomplete: "incomplete",
  passed: "passed",
  inconclusive: "inconclusive",
  notRun: "not run",
  notApplicable: "not applicable",
  signed: "signed",
  waived: "waived",
  pending: "pending",
  open: "open",
};

const SENTENCES = {
  proven: "Every step of this release passed.",
  failed: "This release is not proven.",
  incomplete: "Nothing failed, but not every step has evidence.",
};

export function renderHtml(report: Report): string {
  const css = readFileSync(new URL("./report.css", import.meta.url), "utf8");
  const title = `${report.system} ${report.release} on ${report.stack}`;
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: ${word(report.verdict)}</title><style>${new Markup(css)}</style></head><body>
<header><h1>${title}</h1>
<p class="meta">${report.startedAt} to ${report.finishedAt} (${seconds(report.durationSeconds)}), ${report.engine}</p></header>
<main>${verdict(report)}${counts(report)}
<h2>Timeline</h2><div class="timeline" tabindex="0" role="group" aria-label="Timeline">${timeline(report)}</div>
<h2>Steps and their evidence</h2>${report.steps.map(step)}
${outputs(report)}${boxes(report)}</main>
</body></html>
`.html;
}

function word(verdict: string): string {
  return WORDS[verdict] ?? verdict;
}

function verdict(report: Report): Markup {
  const errors = report.errors.length > 0 ? markup`<pre>${report.errors.join("\n")}</pre>` : undefined;
  const next = report.next === undefined ? undefined : markup`<p>Next: <code>${report.next}</code></p>`;
  return markup`<section class="verdict ${report.verdict}"><strong>${word(report.verdict)}</strong>
<p>${SENTENCES[report.verdict]}</p>${errors}${next}</section>`;
}

function counts(report: Report): Markup | undefined {
  if (!report.checklist) return undefined;
  const { counts: tally } = report.checklist;
  const items = VERDICTS.filter((name) => tally[name] > 0).map(
    (name) => markup`<li><b class="${name}">${tally[name]}</b>${word(name)}</li>`,
  );
  return markup`<ul class="counts" aria-label="${report.checklist.title}"><li><b>${tally.total}</b>boxes</li>${items}</ul>`;
}

function step(item: StepReport): Markup {
  const took =
    item.durationSeconds === undefined
      ? ""
      : `${seconds(item.durationSeconds)}${item.ran ? "" : ", earlier"}`;
  const rows = item.observations.map(
    (o) =>
      markup`<tr><td class="word ${o.result}">${word(o.result)}</td><td><code>${o.id}</code></td><td>${o.expected}</td><td>${o.observed}</td></tr>`,
  );
  const table = markup`<table><thead><tr><th>Result</th><th>Observation</th><th>Expected</th><th>Observed</th></tr></thead><tbody>${rows}</tbody></table>`;
  const { charts: _drawn, ...figures } = item.facts;
  const facts =
    Object.keys(figures).length > 0
      ? markup`<details><summary>Figures</summary><pre>${JSON.stringify(figures, null, 2)}</pre></details>`
      : undefined;
  const message = item.message === undefined ? undefined : markup`<pre>${item.message}</pre>`;
  return markup`<details${item.result === "failed" ? new Markup(" open") : undefined}><summary><b>${item.name}</b>
<span class="${item.result}">${word(item.result)}</span><span>${observed(item.observations)}</span>
<span class="took">${took}</span></summary>${message}${charts(item.facts)}${rows.length > 0 ? table : undefined}${facts}</details>`;
}

function outputs(report: Report): Markup | undefined {
  const rows = Object.entries(report.outputs).map(
    ([name, value]) =>
      markup`<tr><td>${name}</td><td><code>${typeof value === "string" ? value : JSON.stringify(value)}</code></td></tr>`,
  );
  return rows.length === 0
    ? undefined
    : markup`<h2>Addresses and names</h2><table><tbody>${rows}</tbody></table>`;
}

function boxes(report: Report): Markup | undefined {
  if (!report.checklist) return undefined;
  const present = VERDICTS.filter((name) => report.checklist?.counts[name]);
  const buttons = ["all", ...present].map(
    (name) =>
      markup`<button type="button" data-show="${name}" aria-pressed="${name === "all" ? "true" : "false"}">${word(name)}</button>`,
  );
  return markup`<h2>${report.checklist.title}</h2><div class="filter" role="group" aria-label="Show boxes">${buttons}</div>
<table id="boxes"><thead><tr><th>Box</th><th>Line</th><th>Item</th><th>Verdict</th><th>Because</th></tr></thead>
<tbody>${report.checklist.boxes.map(row)}</tbody></table>${new Markup(`<script>${FILTER}</script>`)}`;
}

function row(box: BoxVerdict): Markup {
  const proof = box.proof.length > 0 ? markup`<br><code>${box.proof.join(" ")}</code>` : undefined;
  return markup`<tr data-verdict="${box.verdict}"><td><code>${box.id}</code></td><td>${box.line}</td><td>${box.item}</td>
<td class="word ${box.verdict}">${word(box.verdict)}</td><td>${box.because}${proof}</td></tr>`;
}

const FILTER = `
for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => {
  for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", String(other === button));
  for (const row of document.querySelectorAll("#boxes tbody tr")) row.hidden = button.dataset.show !== "all" && row.dataset.verdict !== button.dataset.show;
});`;
