// Faults of what people signed.
import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Fault, Undo } from "./fault.ts";
import type { FaultySystem } from "./faulty-system.ts";

/** Somebody's signature is not there. @param role as in the names of statements, e.g. `security-team` */
export function unsigned(step: "sign-off" | "acceptance", role: string): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> => {
    const folder = String(system.inputsOf(step).directory);
    const phase = step === "sign-off" ? "before" : "after";
    const statements = (await readdir(folder)).filter((file) => file.includes(`_${phase}_${role}_`));
    if (statements.length === 0) throw new Error(`statement of "${role}": none`);
    // Nobody will sign while the step waits.
    const forget = system.settings(step, (inputs) => ({ ...inputs, waitSeconds: 0 }));
    for (const file of statements) await rename(join(folder, file), join(system.scratch, file));
    return async () => {
      await forget();
      for (const file of statements) await rename(join(system.scratch, file), join(folder, file));
    };
  };
}
