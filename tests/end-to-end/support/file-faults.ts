// Faults in files: documents of a system, and the logs that it writes.
import { appendFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Fault, Undo } from "./fault.ts";
import type { FaultySystem } from "./faulty-system.ts";

/** What a fault writes; made of the system where a value of its own is in it. */
type Text = string | ((system: FaultySystem) => string);

const textFor = (system: FaultySystem, text: Text) => (typeof text === "string" ? text : text(system));

/** A file of the system is not there, in the copy that the steps read. */
export function missing(file: string): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> => {
    const { folder, remove } = await system.copy();
    await rm(join(folder, file));
    return remove;
  };
}

/** A file of the system says something else, in the copy that the steps read. @throws when it does not say `text` */
export function edited(file: string, text: string, instead: string): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> => {
    const { folder, remove } = await system.copy();
    const path = join(folder, file);
    const before = await readFile(path, "utf8");
    if (!before.includes(text)) throw new Error(`file "${file}": does not say ${JSON.stringify(text)}`);
    await writeFile(path, before.replaceAll(text, instead));
    return remove;
  };
}

/** The system has this file, too, in the copy that the steps read. */
export function added(file: string, text: Text): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> => {
    const { folder, remove } = await system.copy();
    await writeFile(join(folder, file), textFor(system, text));
    return remove;
  };
}

const sources = z.array(z.looseObject({ name: z.string(), file: z.string().optional() }));

function fileOf(system: FaultySystem, log: string): string {
  const found = sources.parse(system.inputsOf("logs").sources).find(({ name }) => name === log);
  if (found?.file === undefined) throw new Error(`log "${log}": not one of the system's files`);
  return found.file;
}

/** The log has these lines, too; `{time}` stands for now. @param log its name among the settings' sources */
export function logged(log: string, ...lines: Text[]): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> => {
    const now = new Date().toISOString();
    const text = lines.map((line) => `${textFor(system, line).replace("{time}", now)}\n`).join("");
    await appendFile(fileOf(system, log), text);
    return () => {}; // every log is as before after each fault
  };
}

/** The log is somewhere else than said. */
export function logMoved(log: string): Fault["apply"] {
  return async (system: FaultySystem): Promise<Undo> => {
    const file = fileOf(system, log);
    await rename(file, `${file}.moved`);
    return () => rename(`${file}.moved`, file);
  };
}
