// What a killed update left: the checkpoint and a journal that leads on from it, read as one deployment.
// Reading changes nothing on disk, so it is safe beside a running update; `settleJournal` is for who holds the lock.
import { rename, rm } from "node:fs/promises";
import type { Value } from "../types.ts";
import { readOptional, writeAtomically } from "./atomic-file.ts";
import { type CheckpointParts, checkpointText, type Deployment, parseCheckpoint } from "./checkpoint.ts";
import { digestOf, imageOf, parseJournal, recordsAfter, replay } from "./journal-record.ts";

type Paths = { file: string; journal: string };

/** A stack as it is on disk, its journal applied. */
export interface StoredStack {
  deployment: Deployment;
  /** Text of the checkpoint file alone. */
  checkpoint: string;
  /** `none`; `applied` to `deployment`; or `foreign`: written for a checkpoint that is not there any more. */
  journal: "none" | "applied" | "foreign";
}

/** Reads a stack; undefined when there is none. @throws Failure when the checkpoint is damaged. */
export async function readStored(paths: Paths): Promise<StoredStack | undefined> {
  // A running update may rewrite the checkpoint between the two reads: then they do not fit and are read again.
  for (let attempt = 1; ; attempt++) {
    const journal = await readOptional(paths.journal);
    const checkpoint = await readOptional(paths.file);
    if (checkpoint === undefined) return undefined;
    const deployment = parseCheckpoint(checkpoint, paths.file);
    if (journal === undefined) return { deployment, checkpoint, journal: "none" };
    const records = parseJournal(journal);
    if (records.length === 0) return { deployment, checkpoint, journal: "applied" };
    const applied = applyJournal(deployment, checkpoint, journal);
    if (applied) return { deployment: applied, checkpoint, journal: "applied" };
    if (attempt === 5) return { deployment, checkpoint, journal: "foreign" };
  }
}

/** The deployment that a journal makes of a checkpoint; undefined when it belongs to another one. */
export function applyJournal(
  deployment: Deployment,
  checkpoint: string,
  journal: string,
): Deployment | undefined {
  const found = recordsAfter(parseJournal(journal), digestOf(checkpoint));
  if (!found) return undefined;
  const image = replay(
    imageOf(found.base, deployment.resources, deployment.pendingOperations),
    found.changes,
  );
  return {
    ...deployment,
    resources: image.order.map((number) => image.states.get(number) ?? {}),
    pendingOperations: image.pending.map((number) => {
      const { type = "", resource = {} } = image.operations.get(number) ?? {};
      return { resource, type };
    }),
  };
}

/**
 * Writes an applied journal into the checkpoint and removes it; a foreign one is moved aside and its new path returned.
 * The caller holds the stack's lock.
 */
export async function settleJournal(
  paths: Paths,
  stored: StoredStack,
  stack: string,
): Promise<string | undefined> {
  if (stored.journal === "none") return undefined;
  if (stored.journal === "foreign") {
    const aside = `${paths.journal}.${Date.now()}`;
    await rename(paths.journal, aside);
    return aside;
  }
  const text = sealedText(stored.deployment, stack);
  await writeAtomically(paths.file, text);
  await rm(paths.journal, { force: true });
  stored.checkpoint = text;
  stored.journal = "none";
  return undefined;
}

/** The text of a stack file around a deployment whose secrets are sealed already. */
export function sealedText(deployment: Deployment, stack: string, time = new Date()): string {
  const parts: CheckpointParts = {
    stack,
    salt: deployment.salt ?? "",
    time: time.toISOString(),
    extra: deployment.extra,
    resources: deployment.resources.map((state) => JSON.stringify(state)),
    pendingOperations: deployment.pendingOperations.map((operation) => JSON.stringify(operation)),
    features: deployment.resources.some((state: { [key: string]: Value }) => state.replaceWith)
      ? ["replaceWith"]
      : [],
  };
  return checkpointText(parts);
}
