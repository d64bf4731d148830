// All documents of a release at once.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DocumentsInputs } from "../documents.ts";
import { type Facts, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { judgeDiagram, judgeRoutes, routesAt } from "./agreement.ts";
import { judgeContacts } from "./contacts.ts";
import { judgeDocument } from "./document.ts";

export async function runDocuments(given: DocumentsInputs, { log, signal }: StepContext): Promise<Finding> {
  const observations: Observation[] = [];
  const sha256: Facts = {};
  const read = async (file: string) => {
    const path = join(given.directory, file);
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text !== undefined) sha256[file] = createHash("sha256").update(text).digest("hex");
    return { path, text };
  };
  for (const wanted of given.documents) {
    const { path, text } = await read(wanted.file);
    observations.push(judgeDocument(wanted, text, path, given.release));
  }
  if (given.contacts) {
    const { text } = await read(given.contacts.file);
    observations.push(...judgeContacts(given.contacts, text));
  }
  for (const [name, { file, names }] of Object.entries(given.glossaries)) {
    const { text } = await read(file);
    observations.push(judgeGlossary(name, file, names, text));
  }
  if (given.routes) {
    const { file, url } = given.routes;
    const { text } = await read(file);
    observations.push(await judgeLive(file, text, url, signal));
  }
  if (given.diagram) {
    const { file, components } = given.diagram;
    observations.push(judgeDiagram(file, (await read(file)).text, components));
  }
  const bad = observations.filter(({ result }) => result !== "passed");
  log(`${observations.length - bad.length} of ${observations.length} in order`);
  return { observations, facts: { sha256 } };
}

/** Observation `routes-documented`; failed as well where the application does not tell its routes. */
async function judgeLive(
  file: string,
  text: string | undefined,
  url: string,
  signal: AbortSignal,
): Promise<Observation> {
  try {
    return judgeRoutes(file, text, await routesAt(url, signal));
  } catch (error) {
    if (signal.aborted) throw error;
    return observe("routes-documented", false, `${file}: the routes at ${url}`, messageOf(error));
  }
}

/** Observation `NAME-documented`. A name counts as explained where it stands as a word of its own. */
export function judgeGlossary(
  name: string,
  file: string,
  names: string[],
  text: string | undefined,
): Observation {
  const id = `${name}-documented`;
  const expected = `${file}: each of ${names.length} ${name}`;
  if (text === undefined) return observe(id, false, expected, `no file ${file}`);
  const words = new Set(text.split(/[^\w-]+/));
  const missing = names.filter((one) => !words.has(one));
  const observed = missing.length === 0 ? `all ${names.length}` : `not in it: ${missing.join(", ")}`;
  return observe(id, missing.length === 0 && names.length > 0, expected, observed);
}
