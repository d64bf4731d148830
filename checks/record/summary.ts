// What a rollback and its reader look for in a record, gathered from the steps: flags, backup, and what was left in which
// state. The evidence itself stands with the steps. Pure.
import type { Fact } from "../step/definition.ts";

/** A step as a record keeps it. */
interface Kept {
  result: string;
  observations: { id: string; result: string }[];
  facts: { [name: string]: unknown };
  /** Absent where only a later reader can tell. */
  ran?: boolean;
}
type Steps = { [name: string]: Kept };

/** Levels of a backup's verification, each worth more than the one before. */
const LEVELS = ["exists", "bytes-match", "listable", "restored", "data-equal"];
/** Steps that change the world. */
const CHANGING = ["quiesce", "reversal", "migration", "maintenance", "release", "site", "resume"];

/** Values by flag before and after; null where the stack switches none. */
export function flagsOf(steps: Steps): { before: Fact; after: Fact } | null {
  const { quiesce, resume } = steps;
  if (!quiesce) return null;
  return { before: factOf(quiesce, "flags"), after: resume ? factOf(resume, "flags") : null };
}

/** Where the backup is and how far it was verified; null where none was made. */
export function backupOf({ backup }: Steps) {
  if (typeof backup?.facts.key !== "string") return null;
  const passed = new Set(backup.observations.filter(({ result }) => result === "passed").map(({ id }) => id));
  const failing = LEVELS.findIndex((level) => !passed.has(level));
  const reached = failing === -1 ? LEVELS.length : failing;
  return {
    key: backup.facts.key,
    versionId: factOf(backup, "versionId"),
    sha256: factOf(backup, "sha256"),
    verified: LEVELS[reached - 1] ?? null,
  };
}

/** By step that changes something: whether it is as before, done, or stopped half way. */
export function leftBy(steps: Steps, untouched: string[]): { [step: string]: string } {
  return Object.fromEntries(
    CHANGING.flatMap((name) => {
      const step = steps[name];
      if (untouched.includes(name)) return [[name, "not reached: as before"]];
      if (!step) return [];
      if (step.result !== "passed" && step.result !== "notApplicable")
        return [[name, "stopped: what it does is partly done or undone; run it again or go back"]];
      return [[name, step.ran === false ? "unchanged" : "done"]];
    }),
  );
}

function factOf({ facts }: Kept, name: string): Fact {
  return (facts[name] ?? null) as Fact;
}
