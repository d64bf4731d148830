// The project of a rollback: the recorded one in a folder of its own, told to go back. `pulumi up` there is the rollback.
import { cpSync, existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { isAlias, isMap, parseDocument } from "yaml";
import type { StoredRecord } from "../../checks/record/links.ts";
import type { Snapshot } from "../../checks/record/snapshot.ts";
import { stackFilePath } from "../../infra/settings/stack-file-path.ts";

export interface UndoProject {
  /** The program's folder, which the project is put below. */
  program: string;
  /** The folder for this rollback, made anew. */
  folder: string;
  stack: string;
  target: StoredRecord;
  snapshot: Snapshot;
  undoes: string | undefined;
  startedAt: string;
  /** The limit of today's settings; undefined where they have none. */
  limitSeconds: number | undefined;
  /** Folders with migrations of what is undone, the one that counts more first. */
  migrations: string[];
  /** Folder of all copies of records, absolute. */
  copies: string;
  /** Figures of the backup that the database is restored from; undefined takes it back by down files. */
  backup: unknown;
}

/** Writes the project and gives its folder. */
export async function writeUndoProject(given: UndoProject): Promise<string> {
  const { folder, snapshot, target } = given;
  await rm(folder, { recursive: true, force: true });
  await writeFiles(folder, snapshot);
  const project = join(folder, snapshot.project);
  const { document } = target;
  await writeFile(join(project, "undo-record.json"), `${JSON.stringify(document)}\n`);
  const migrations = document.database ? await writeMigrations(project, given) : undefined;
  if (given.backup !== undefined)
    await writeFile(join(project, "undo-backup.json"), `${JSON.stringify(given.backup)}\n`);
  await editYaml(join(project, "Pulumi.yaml"), [[["main"], relative(project, given.program) || "."]]);
  await editYaml(stackFilePath(project, given.stack), [
    [["config", "greenlight:release", "version"], document.release],
    [["config", "greenlight:record", "commit"], document.commit],
    [["config", "greenlight:record", "copies"], given.copies],
    [
      ["config", "greenlight:undo"],
      {
        record: "undo-record.json",
        to: target.key,
        ...(given.undoes === undefined ? {} : { undoes: given.undoes }),
        startedAt: given.startedAt,
        ...(given.limitSeconds === undefined ? {} : { limitSeconds: given.limitSeconds }),
        ...(migrations === undefined ? {} : { migrations }),
        ...(given.backup === undefined ? {} : { backup: "undo-backup.json" }),
      },
    ],
  ]);
  return project;
}

/** Every file of a kept project below a folder. @throws when a path leads out of it */
export async function writeFiles(folder: string, snapshot: Snapshot): Promise<void> {
  for (const [path, { base64, executable }] of Object.entries(snapshot.files)) {
    const file = resolve(folder, path);
    if (!file.startsWith(`${resolve(folder)}${sep}`))
      throw new Error(`snapshot: ${path} leads out of its folder`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, Buffer.from(base64, "base64"));
    if (executable) await chmod(file, 0o755);
  }
}

/** The migrations that were applied with their ways down: the first folder's file counts where two have the same name. */
async function writeMigrations(project: string, { migrations }: UndoProject): Promise<string> {
  const name = "undo-migrations";
  const folder = join(project, name);
  await mkdir(folder, { recursive: true });
  for (const from of migrations.filter((path) => existsSync(path)).reverse())
    for (const file of readdirSync(from, { withFileTypes: true }))
      cpSync(join(from, file.name), join(folder, file.name), { recursive: true });
  return name;
}

/**
 * Sets values by their paths; one of three steps and more only where what it belongs to is there. New texts are quoted: the Pulumi
 * CLI would take a time without quotes for YAML's own and hand it on in another form.
 */
export async function editYaml(file: string, edits: [string[], unknown][]): Promise<void> {
  const document = parseDocument(await readFile(file, "utf8"));
  for (const [path, value] of edits) {
    if (path.length >= 3) {
      const whole = path.slice(0, -1);
      if (!document.hasIn(whole)) continue;
      const owner = document.getIn(whole, true);
      // Empty, or another one's alias: that is written out, so that the other one stays as it is.
      if (!isMap(owner))
        document.setIn(whole, document.createNode(isAlias(owner) ? owner.resolve(document)?.toJSON() : {}));
    }
    document.setIn(path, value);
  }
  await writeFile(file, document.toString({ defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }));
}
