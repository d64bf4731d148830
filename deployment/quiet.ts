// What rests while the release goes on, and is put back after it.

import { readMigrations } from "../checks/migrations/directory.ts";
import { Quiesce } from "../checks/quiesce.ts";
import { digestOfContents } from "../checks/release/contents.ts";
import { Resume } from "../checks/resume.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import type { Stack } from "./stack.ts";
import { undoneBy } from "./undo.ts";

function shared({ settings, estate, redis }: Stack) {
  const recorded = undoneBy(settings)?.flags;
  return {
    system: settings.system.name,
    stack: settings.stack,
    flags: (settings.quiesce?.flags ?? []).map((flag) => ({
      ...flag,
      // A rollback leaves every flag as the release that it goes back to left it.
      after: recorded?.[flag.name] ?? flag.after,
    })),
    queues: settings.quiesce?.queues ?? [],
    databaseUrl: estate.database?.migratorUrl,
    redisUrl: redis.url,
    redisCaFile: redis.caFile,
  };
}

/** Until {@link resume}, a step that fails switches everything on again. */
export function quiesce(stack: Stack): void {
  const { settings, sequence } = stack;
  if (!settings.quiesce) return;
  const { drainSeconds, everySeconds, keepOnFailure } = settings.quiesce;
  if (!keepOnFailure) sequence.onFailure({ kind: "resume", inputs: { ...shared(stack), failed: true } });
  const { migration, release } = settings;
  const contents = (release?.contents ?? []).map((path) => stack.path(path));
  sequence.add(Quiesce, "quiesce", {
    ...shared(stack),
    drainSeconds,
    everySeconds,
    triggers: [
      release?.version ?? "",
      digestOfContents(contents),
      ...(migration ? [readMigrations(stack.path(migration.directory), migration.naming).digest] : []),
      ...stack.backSince,
    ],
    ...stepOptions(settings.quiesce),
  });
}

/** Here, when the settings say so; called at each place where they may. */
export function resume(stack: Stack, after: "release" | "smoke"): void {
  const { settings, sequence } = stack;
  if (settings.quiesce?.resumeAfter !== after) return;
  sequence.noLongerOnFailure("resume");
  sequence.add(Resume, "resume", { ...shared(stack), triggers: sequence.times(["quiesce"]) });
}
