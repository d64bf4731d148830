// `stack rename`: another name for a stack: its file, its configuration, its history and every URN in it.
import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { stackFilePath } from "../project/project-file.ts";
import { selectedStack, selectStack } from "../project/workspace.ts";
import { readOptional } from "../state/atomic-file.ts";
import { fullName, parseStackReference, stackPaths } from "../state/backend.ts";
import { Failure, isSystemError } from "../state/failure.ts";
import { renameHistory } from "../state/history.ts";
import { renameStack } from "../state/rename-stack.ts";
import { removeStack, writeSnapshot } from "../state/stack-store.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { openStackContext, requireOwnProject } from "./context.ts";
import { editStack } from "./edit-stack.ts";

export const command: Command = {
  usage: "stack rename NAME",
  summary: "Renames a stack.",
  flags: { ...stackFlag },
  refused: [],
  arguments: [1, 1],
  async run(call) {
    const context = await openStackContext(call);
    const { project, backend, reference, file } = context;
    requireOwnProject(project, reference);
    const target = parseStackReference(call.args[0] ?? "", project.name);
    if (target.project !== project.name)
      throw new Failure("stack rename: cannot change the project; use the Pulumi CLI");
    const places = { from: stackPaths(backend, reference), to: stackPaths(backend, target) };
    if ((await readOptional(places.to.file)) !== undefined)
      throw new Failure(`stack '${fullName(target)}' already exists`);
    await editStack(call, context, async (stack) => {
      const renamed = renameStack(stack.snapshot, reference.name, target.name);
      await writeSnapshot({ ...stack, reference: target }, renamed);
      await moveFolder(places.from.history, places.to.history);
      await renameHistory(places.to.history, reference.name, target.name);
      await moveFolder(places.from.backups, places.to.backups);
      await removeStack(backend, reference);
    });
    if ((await readOptional(file.path)) !== undefined)
      await rename(file.path, stackFilePath(project, target.name));
    const selected = await selectedStack(project, backend.url, call.environment);
    if (selected && fullName(parseStackReference(selected, project.name)) === fullName(reference)) {
      await selectStack(project, backend.url, fullName(target), call.environment);
    }
    print(`Renamed ${reference.name} to ${target.name}`);
    return 0;
  },
};

async function moveFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
  }
}
