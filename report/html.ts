// The report as one HTML file that opens offline: verdict first, then where the time went, what is different, the evidence, the way
// back, who decided, and every box. All of it comes from the report's JSON.
import { readFileSync } from "node:fs";
import { VERDICTS } from "./checklist.ts";
import { Markup, markup } from "./markup.ts";
import type { Report } from "./report.ts";
import { boxesSection } from "./sections/boxes.ts";
import { differencesSection } from "./sections/differences.ts";
import { noticesSection, signOffsSection } from "./sections/sign-offs.ts";
import { stepsSection } from "./sections/steps.ts";
import { wayBackSection } from "./sections/way-back.ts";
import { seconds, timeline, without } from "./timeline.ts";
import { mark, moment, word } from "./words.ts";

const SENTENCES = {
  proven: "Every step of this release passed, and no box is open.",
  failed: "This release is not proven.",
  incomplete: "Nothing failed, but there is no step, a step has no evidence, or a box is open.",
};

export function renderHtml(report: Report): string {
  const title = `${report.system} ${report.release} on ${report.stack}`;
  const items = new Map(report.checklist?.boxes.map(({ id, item }) => [id, item]));
  const parts: { id: string; name: string; shown: Markup | undefined }[] = [
    { id: "timeline", name: "Timeline", shown: times(report) },
    {
      id: "differences",
      name: "Since the last release",
      shown: differencesSection(report.differences, items),
    },
    { id: "steps", name: "Evidence", shown: stepsSection(report.steps) },
    { id: "way-back", name: "The way back", shown: wayBackSection(report.wayBack) },
    { id: "sign-offs", name: "Sign-offs", shown: signOffsSection(report.signOffs) },
    { id: "notices", name: "Who was told", shown: noticesSection(report.notices) },
    { id: "checklist", name: "Boxes", shown: boxesSection(report) },
    { id: "outputs", name: "Addresses", shown: outputs(report) },
  ];
  const present = parts.filter(({ shown }) => shown !== undefined);
  const links = present.map(({ id, name }) => markup`<a href="#${id}">${name}</a>`);
  const took = `${moment(report.startedAt)}, ${seconds(report.durationSeconds)}, ${report.engine}`;
  return page(
    `${title}: ${word(report.verdict)}`,
    markup`<header><h1>${title}</h1><p class="meta">${took}</p></header>
<main>${verdict(report)}${counts(report)}<nav aria-label="Parts of this report">${links}</nav>
${present.map(({ shown }) => shown)}</main>`,
  );
}

/** A page of its own: style inside, nothing from elsewhere. */
export function page(title: string, body: Markup): string {
  const css = readFileSync(new URL("./report.css", import.meta.url), "utf8");
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${new Markup(css)}</style></head><body>
${body}
</body></html>
`.html;
}

function verdict(report: Report): Markup {
  const errors =
    report.errors.length > 0 ? markup`<pre tabindex="0">${report.errors.join("\n")}</pre>` : undefined;
  const failed = report.steps
    .filter(({ result }) => result === "failed")
    .map(({ name }) => markup`<p>Failed: <a href="#step-${name}">${name}</a></p>`);
  const next = report.next === undefined ? undefined : markup`<p>Next: <code>${report.next}</code></p>`;
  const notes = report.notes.map((note) => markup`<p>Note: ${note}</p>`);
  return markup`<section class="verdict ${report.verdict}" aria-label="Verdict"><strong>${mark(report.verdict)} ${word(report.verdict)}</strong>
<p>${SENTENCES[report.verdict]}</p>${failed}${errors}${next}${notes}</section>`;
}

function counts(report: Report): Markup | undefined {
  if (!report.checklist) return undefined;
  const { counts: tally } = report.checklist;
  const items = VERDICTS.filter((name) => tally[name] > 0).map(
    (name) => markup`<li><b class="${name}">${tally[name]}</b>${word(name)}</li>`,
  );
  return markup`<ul class="counts" aria-label="${report.checklist.title}"><li><b>${tally.total}</b>boxes</li>${items}</ul>`;
}

function times(report: Report): Markup {
  const rest = without(report).map(
    ({ said, names }) => markup`<p class="meta">${said} (${names.length}): ${names.join(", ")}.</p>`,
  );
  return markup`<h2 id="timeline">Timeline</h2>
<div class="timeline" tabindex="0" role="group" aria-label="Timeline">${timeline(report)}</div>${rest}`;
}

function outputs(report: Report): Markup | undefined {
  const rows = Object.entries(report.outputs).map(
    ([name, value]) =>
      markup`<tr><td>${name}</td><td><code>${typeof value === "string" ? value : JSON.stringify(value)}</code></td></tr>`,
  );
  return rows.length === 0
    ? undefined
    : markup`<h2 id="outputs">Addresses and names</h2><table><tbody>${rows}</tbody></table>`;
}
