// Who decided, on what; who still has to; and who was told.
import { type Markup, markup } from "../markup.ts";
import type { Notice } from "../notices.ts";
import type { SignOffs } from "../sign-offs.ts";
import { moment } from "../words.ts";

export function signOffsSection({ signed, missing, refused }: SignOffs): Markup | undefined {
  if (signed.length + missing.length + refused.length === 0) return undefined;
  const rows = signed.map(
    ({ role, person, decision, signedAt, subject, comment, gate }) =>
      markup`<tr><td><b>${role}</b><br>${person}</td><td class="word ${classOf(decision)}">${decision}</td>
<td class="number">${moment(signedAt)}</td><td><code title="${subject}">${subject.slice(0, 12)}</code></td><td>${comment}</td><td class="number">${gate}</td></tr>`,
  );
  const table = markup`<table class="people"><thead><tr><th>Who</th><th>Decision</th><th>When</th><th>On digest</th><th>Comment</th><th>Gate</th></tr></thead>
<tbody>${rows}</tbody></table>`;
  const waits = missing.map(
    ({ gate, role, until }) =>
      markup`<li class="pending">${role} (${gate})${until === undefined ? "" : `, until ${moment(until)}`}</li>`,
  );
  const why = refused.map(({ file, why: reason }) => markup`<li><code>${file}</code> ${reason}</li>`);
  return markup`<h2 id="sign-offs">Sign-offs</h2>${rows.length > 0 ? table : undefined}
${waits.length > 0 ? markup`<h3>Still to sign</h3><ul>${waits}</ul>` : undefined}
${why.length > 0 ? markup`<details><summary><b>Not counted</b><span>${why.length}</span></summary><ul>${why}</ul></details>` : undefined}`;
}

/** The class that colours a decision. */
function classOf(decision: string): string {
  if (decision.startsWith("waives ")) return "waived";
  return decision === "no-go" ? "failed" : "signed";
}

export function noticesSection(notices: Notice[]): Markup | undefined {
  if (notices.length === 0) return undefined;
  const rows = notices.map(
    ({ event, channel, told, observed }) =>
      markup`<tr><td>${event}</td><td>${channel}</td><td class="word ${told ? "passed" : "open"}">${told ? "told" : "not told"}</td><td>${observed}</td></tr>`,
  );
  return markup`<h2 id="notices">Who was told</h2><table><thead><tr><th>Event</th><th>Channel</th><th>Told</th><th>Observed</th></tr></thead><tbody>${rows}</tbody></table>`;
}
