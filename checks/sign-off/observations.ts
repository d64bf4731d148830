// What the statements that were found say about a gate: one observation a role, one for vetoes, one for freeze windows. Pure.
import { createHash } from "node:crypto";
import type { SignOffInputs } from "../sign-off.ts";
import { type Observation, observe, pending } from "../step/definition.ts";
import { activeFreezes } from "./freeze.ts";
import type { Judged } from "./judgement.ts";
import type { Statement } from "./statement.ts";

/** @param due until when signatures may still come in without failing the gate */
export function observationsOf(
  inputs: SignOffInputs,
  judged: Judged[],
  now: Date,
  due: Date | undefined,
): Observation[] {
  const counted = countedOf(judged);
  return [
    ...inputs.required.map((need) => observationOf(need, counted, judged, inputs, now, due)),
    vetoOf(counted),
    ...(inputs.freezes.length > 0 ? [freezeOf(inputs, counted, now)] : []),
  ];
}

/** The decisions that count. */
export function countedOf(judged: Judged[]): Statement[] {
  return judged.flatMap(({ statement, fault }) => (statement && fault === undefined ? [statement] : []));
}

/** Who signed go in a role, each once. */
export function signersAs(role: string, counted: Statement[]): string[] {
  return [
    ...new Set(counted.filter((s) => s.role === role && s.decision === "go").map(({ person }) => person)),
  ];
}

function observationOf(
  { role, count }: SignOffInputs["required"][number],
  counted: Statement[],
  judged: Judged[],
  { signers, phase, release }: SignOffInputs,
  now: Date,
  due: Date | undefined,
): Observation {
  const people = signersAs(role, counted);
  const expected = `${count} signed go as ${role}`;
  const seen = `${people.length} (${people.join(", ") || "nobody"})`;
  if (people.length >= count) return observe(slugOf(role), true, expected, seen);
  const refused = judged
    .filter(({ fault, statement: s }) => fault !== undefined && s?.role === role)
    // Those of other releases lie in the same folder and say nothing here.
    .filter(({ statement: s }) => s?.release === release && s.phase === phase)
    .map(({ file, fault }) => `; ${file} ${fault}`);
  const able = signers.filter(({ roles }) => roles.includes(role)).map(({ person }) => person);
  const way = `greenlight sign --role "${role}"${phase === "after" ? " --phase after" : ""}`;
  const observed = `${seen}${refused.join("")}; ${able.join(" or ") || "nobody in the settings"} can: ${way}`;
  return due && now < due
    ? pending(slugOf(role), due, expected, observed)
    : observe(slugOf(role), false, expected, observed);
}

function vetoOf(counted: Statement[]): Observation {
  const vetoes = counted.filter(({ decision }) => decision === "no-go");
  const said = vetoes.map((v) => `no-go by ${v.person} (${v.role})${v.comment ? `: ${v.comment}` : ""}`);
  return observe("no-veto", vetoes.length === 0, "no signed no-go", said.join("; ") || "none");
}

function freezeOf(inputs: SignOffInputs, counted: Statement[], now: Date): Observation {
  const active = activeFreezes(inputs.freezes, now);
  const judged = active.map(({ name, until, timeZone, overrideRoles }) => {
    const override = counted.find(
      (s) => s.overridesFreeze === name && s.decision === "go" && overrideRoles.includes(s.role) && s.comment,
    );
    const way = `greenlight sign --role "${overrideRoles[0] ?? ""}" --override-freeze "${name}" --comment REASON`;
    return override
      ? {
          open: true,
          text: `${name}: ${override.person} (${override.role}) lets it through: ${override.comment}`,
        }
      : {
          open: false,
          text: `${name} until ${until} ${timeZone}; ${overrideRoles.length > 0 ? `${overrideRoles.join(" or ")} can: ${way}` : "nobody can let it through"}`,
        };
  });
  return observe(
    "no-freeze",
    judged.every(({ open }) => open),
    "outside every freeze window, or let through by a signed reason",
    judged.map(({ text }) => text).join("; ") ||
      `outside ${inputs.freezes.map(({ name }) => name).join(", ")}`,
  );
}

/** The observation that stands for a role, e.g. `tech-lead` for `Tech Lead`. Letters of other scripts stand in a digest, as in file names. */
export function slugOf(role: string): string {
  const digest = createHash("sha256").update(role).digest("hex").slice(0, 8);
  return (/[^ -~]/.test(role) ? `${role} ${digest}` : role)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
