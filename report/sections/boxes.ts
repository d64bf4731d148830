// The boxes of the checklist by section, with a filter by verdict and by words.
import { type BoxVerdict, VERDICTS } from "../checklist.ts";
import { Markup, markup } from "../markup.ts";
import type { Report } from "../report.ts";
import { counted, word } from "../words.ts";

const OTHER = "Without a section";

export function boxesSection({ checklist }: Report): Markup | undefined {
  if (!checklist) return undefined;
  const present = VERDICTS.filter((name) => checklist.counts[name] > 0);
  const button = (name: string, told: string, number: number) =>
    markup`<button type="button" data-show="${name}" aria-pressed="${name === "all" ? "true" : "false"}">${told} ${number}</button>`;
  const buttons = present.map((name) => button(name, word(name), checklist.counts[name]));
  const sections = [...new Set(checklist.boxes.map(({ section }) => section ?? OTHER))].map((title) =>
    section(
      title,
      checklist.boxes.filter((box) => (box.section ?? OTHER) === title),
    ),
  );
  return markup`<h2 id="checklist">${checklist.title}</h2>
<div class="filter" role="group" aria-label="Show boxes" hidden>${button("all", "all", checklist.counts.total)}${buttons}
<label>Containing <input type="search" id="words" autocomplete="off" spellcheck="false"></label>
<output id="shown" aria-live="polite">${counted(checklist.counts.total, "box", "boxes")}</output></div>
<div id="boxes">${sections}</div>${new Markup(`<script>${FILTER}</script>`)}`;
}

function section(title: string, boxes: BoxVerdict[]): Markup {
  const tally = VERDICTS.map(
    (name) => [name, boxes.filter(({ verdict }) => verdict === name).length] as const,
  )
    .filter(([, number]) => number > 0)
    .map(([name, number]) => markup`<span class="${name}">${number} ${word(name)}</span>`);
  return markup`<details open><summary><b>${title}</b>${tally}</summary>
<table><thead><tr><th>Box</th><th>Line</th><th>Item</th><th>Verdict</th><th>Because</th></tr></thead>
<tbody>${boxes.map(row)}</tbody></table></details>`;
}

function row(box: BoxVerdict): Markup {
  const proof = box.proof.length > 0 ? markup`<br><code>${box.proof.join(" ")}</code>` : undefined;
  return markup`<tr data-verdict="${box.verdict}"><td><code>${box.id}</code></td><td>${box.line}</td><td>${box.item}</td>
<td class="word ${box.verdict}">${word(box.verdict)}</td><td>${box.because}${proof}</td></tr>`;
}

// Sections without a box to show are hidden; how many are shown is said aloud.
// Without scripts it would do nothing, and is not shown.
const FILTER = `
document.querySelector(".filter").hidden = false;
const buttons = [...document.querySelectorAll("[data-show]")], words = document.getElementById("words");
function filter() {
  const verdict = buttons.find((one) => one.getAttribute("aria-pressed") === "true").dataset.show;
  const wanted = words.value.trim().toLowerCase();
  let shown = 0;
  for (const section of document.querySelectorAll("#boxes > details")) {
    let here = 0;
    for (const row of section.querySelectorAll("tbody tr")) {
      const fits = (verdict === "all" || row.dataset.verdict === verdict) && (section.querySelector("b").textContent + " " + row.textContent).toLowerCase().includes(wanted);
      row.hidden = !fits;
      if (fits) here++;
    }
    section.hidden = here === 0;
    shown += here;
  }
  document.getElementById("shown").textContent = shown + (shown === 1 ? " box" : " boxes");
}
for (const button of buttons) button.addEventListener("click", () => {
  for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
  filter();
});
words.addEventListener("input", filter);`;
