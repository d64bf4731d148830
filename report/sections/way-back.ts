// The way back from this very release: the exact commands, what they would do, what would be lost.
import { type Markup, markup } from "../markup.ts";
import { seconds } from "../timeline.ts";
import type { WayBack } from "../way-back.ts";
import { moment } from "../words.ts";

export function wayBackSection(way: WayBack | undefined): Markup | undefined {
  if (way === undefined) return undefined;
  const heading = markup`<h2 id="way-back">The way back</h2>`;
  const { target, reason, needless, commands, undone, lost, impossible, expected } = way;
  if (target === null)
    return markup`${heading}<p>There is none: ${reason ?? "no earlier release is on record"}.</p>`;
  const takes = expected
    ? markup` It takes about ${seconds(expected.seconds)}, by ${expected.from}.`
    : undefined;
  const does = commands.map(
    ({ does: what, command }) => markup`<dt>${what}</dt><dd><pre tabindex="0">${command}</pre></dd>`,
  );
  const idle = needless === null ? undefined : markup`<p>None has to be gone: ${needless}.</p>`;
  return markup`${heading}${idle}<p>To ${target.release} of ${moment(target.recordedAt)}.${takes}</p>
<dl class="commands">${does}</dl>
${list("What it would do", undone)}${list("What data would be lost", lost)}${list("What cannot be undone", impossible)}`;
}

function list(title: string, lines: string[]): Markup | undefined {
  if (lines.length === 0) return undefined;
  return markup`<h3>${title}</h3><ul>${lines.map((line) => markup`<li>${line}</li>`)}</ul>`;
}
