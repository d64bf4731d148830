// Each step with its evidence: what it observed, drawn where people look rather than read, and its figures.
import { charts } from "../charts.ts";
import { Markup, markup } from "../markup.ts";
import { observed, type StepReport } from "../steps.ts";
import { seconds } from "../timeline.ts";
import { mark, word } from "../words.ts";

export function stepsSection(steps: StepReport[]): Markup {
  return markup`<h2 id="steps">Steps and their evidence</h2>${steps.map(step)}`;
}

function step(item: StepReport): Markup {
  const took =
    item.durationSeconds === undefined
      ? ""
      : `${seconds(item.durationSeconds)}${item.ran ? "" : ", earlier"}`;
  const rows = item.observations.map(
    (o) =>
      markup`<tr><td class="word ${o.result}">${o.pendingUntil === undefined ? word(o.result) : markup`pending`}</td><td><code>${o.id}</code></td><td>${o.expected}</td><td>${o.observed}</td></tr>`,
  );
  const table = markup`<table><thead><tr><th>Result</th><th>Observation</th><th>Expected</th><th>Observed</th></tr></thead><tbody>${rows}</tbody></table>`;
  const { charts: _drawn, ...figures } = item.facts;
  const facts =
    Object.keys(figures).length > 0
      ? markup`<details><summary>Figures</summary><pre tabindex="0">${JSON.stringify(figures, null, 2)}</pre></details>`
      : undefined;
  const message = item.message === undefined ? undefined : markup`<pre tabindex="0">${item.message}</pre>`;
  const accepted = item.accepted?.map((line) => markup`<p>Accepted: ${line}</p>`);
  const drawn = charts(item.facts);
  const pictures = drawn.length > 0 ? markup`<div class="charts">${drawn}</div>` : undefined;
  const told = item.result === "notRun" ? "" : observed(item.observations);
  return markup`<details id="step-${item.name}"${item.result === "failed" ? new Markup(" open") : undefined}><summary><b>${item.name}</b>
<span class="${item.result}">${mark(item.result)} ${word(item.result)}</span><span>${told}</span>
<span class="took">${took}</span></summary>${message}${accepted}${pictures}${rows.length > 0 ? table : undefined}${facts}</details>`;
}
