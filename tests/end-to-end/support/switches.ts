// Faults that applications can be told to have (`FAULTS`), which every list has many of.
import type { Fault, Undo } from "./fault.ts";
import type { FaultySystem } from "./faulty-system.ts";

/** The application runs with these of its switches on. */
export function switched(...switches: string[]): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> => {
    await system.start({ FAULTS: switches.join(",") });
    return () => system.start();
  };
}

/** One switch of many that the application runs with at once. @param seenBy the observation that fails by this switch alone */
export function together(
  name: string,
  seenBy: `${string}#${string}`,
): Required<Pick<Fault, "apply" | "together">> {
  return { apply: switched(name), together: { switch: name, seenBy } };
}

/** The database is as these statements make it. @param back undoes them */
export function altered(statements: string, back: string): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> => {
    await system.sql(statements);
    return () => system.sql(back);
  };
}

/** A release with these switches on: the step `release` makes it, under pm2. */
export function released(...switches: string[]): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> =>
    system.settings("release", (inputs) => ({
      ...inputs,
      environment: { ...system.variables, FAULTS: switches.join(",") },
      withinSeconds: 10, // what it looks for does not come
    }));
}

/** What a setting says is something else. @param value made of what it was */
export function misset(step: string, setting: string, value: (was: unknown) => unknown): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> =>
    system.settings(step, (inputs) => ({ ...inputs, [setting]: value(inputs[setting]) }));
}
