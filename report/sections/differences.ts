// What is different from the last release, list by list; empty ones in one line, long ones folded.
import { type Change, type Differences, listsOf } from "../differences.ts";
import { type Markup, markup } from "../markup.ts";
import { counted, moment, word } from "../words.ts";

const MOST_OPEN = 15;

/** @param items texts of boxes by their ids */
export function differencesSection(
  differences: Differences | null | undefined,
  items: ReadonlyMap<string, string>,
): Markup | undefined {
  if (differences === undefined) return undefined;
  const heading = markup`<h2 id="differences">Since the last release</h2>`;
  if (differences === null) return markup`${heading}<p>This is the first release on record.</p>`;
  const { release, recordedAt, key } = differences.since;
  const lists = listsOf(differences);
  const same = lists.filter(({ changes }) => changes?.length === 0).map(({ title }) => title);
  const unknown = lists.filter(({ changes }) => changes === null).map(({ title }) => title);
  return markup`${heading}<p>Compared with ${release} of ${moment(recordedAt)} (<code>${key}</code>).</p>
${lists.map(({ title, changes }) => (changes?.length ? list(title, changes, items) : undefined))}
${same.length > 0 ? markup`<p class="meta">Without a difference: ${same.join(", ")}.</p>` : undefined}
${unknown.length > 0 ? markup`<p class="meta">Not on record in one of the two: ${unknown.join(", ")}.</p>` : undefined}`;
}

function list(title: string, changes: Change[], items: ReadonlyMap<string, string>): Markup {
  const rows = changes.map(({ name, from, to }) => {
    const item = items.get(name);
    const says = item === undefined ? undefined : markup`<br>${item}`;
    return markup`<tr><td><code>${name}</code>${says}</td><td>${value(from)}</td><td>${value(to)}</td></tr>`;
  });
  const open = changes.length <= MOST_OPEN ? markup` open` : undefined;
  return markup`<details${open}><summary><b>${title}</b><span>${counted(changes.length, "change")}</span></summary>
<table><thead><tr><th>What</th><th>Before</th><th>Now</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}

function value(text: string | null): Markup {
  return text === null ? markup`<span class="notApplicable">–</span>` : markup`<code>${word(text)}</code>`;
}
