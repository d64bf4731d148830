// The version's trial before it is released: deployment/before.ts made the backup that its copy is restored from.
import * as pulumi from "@pulumi/pulumi";
import { Candidate } from "../checks/candidate.ts";
import { readMigrations } from "../checks/migrations/directory.ts";
import { digestOfContents } from "../checks/release/contents.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import { renamed } from "../infra/estate.ts";
import { backupOf } from "./before.ts";
import type { Stack } from "./stack.ts";
import { people } from "./watched.ts";

export function candidate(stack: Stack): void {
  const { settings, estate, redis, sequence } = stack;
  const { application, migration, release, smoke, latency } = settings;
  const { database, backups } = estate;
  const backup = backupOf(stack);
  if (!settings.candidate || !application || !migration || !release || !backup || !database) return;
  const { journeys, variables, latency: timed, environment, directory, log, ...given } = settings.candidate;
  const provided = (what: string) =>
    Object.entries(application.provided).flatMap(([variable, value]) => (value === what ? [variable] : []));
  const contents = release.contents.map((path) => stack.path(path));
  const set = stack.path(migration.directory);
  sequence.add(Candidate, "candidate", {
    ...given,
    version: release.version,
    directory: stack.path(directory),
    environment: pulumi.secret(
      pulumi
        .all([estate.application?.environment ?? {}, environment])
        .apply(([variables, own]) => ({ ...variables, ...own, RELEASE_VERSION: release.version })),
    ),
    secretVariables: [...Object.keys(application.secrets), ...Object.keys(application.generated)],
    databaseVariables: [...provided("databaseUrl"), ...provided("readonlyDatabaseUrl")],
    cacheVariables: provided("cacheUrl"),
    databaseUrl: database.migratorUrl,
    restoreUrl: database.adminUrl,
    backup,
    encryptionKey: backups?.sealingKey,
    migrations: {
      directory: set,
      naming: migration.naming,
      schema: migration.schema,
      historyTable: migration.historyTable,
      outOfOrder: migration.outOfOrder,
      gaps: migration.gaps,
      baseline: migration.baseline,
      statementTimeoutSeconds: migration.statementTimeoutSeconds,
    },
    redisUrl: redis.url,
    redisCaFile: redis.caFile,
    journeys:
      smoke && journeys.length > 0
        ? {
            file: stack.path(smoke.file),
            only: journeys,
            variables: { ...smoke.variables, ...variables },
            secrets: pulumi.output(
              estate.application?.environment.apply((variables) => renamed(smoke.secrets, variables)) ?? {},
            ),
            sinkUrl: smoke.sinkUrl,
            suiteSeconds: smoke.suiteSeconds,
          }
        : undefined,
    // Beside the release before is what the latency step compares.
    targets: timed ? (latency?.targets ?? []).map(({ maximumBaselineRatio: _, ...target }) => target) : [],
    people: people(stack),
    log: log && { ...log, file: stack.path(log.file) },
    triggers: [digestOfContents(contents), readMigrations(set, migration.naming).digest],
    ...stepOptions(settings.candidate),
  });
}
