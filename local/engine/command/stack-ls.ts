// `stack ls`: the stacks of the project, or of the whole backend.

import { renderTable } from "../display/table.ts";
import { selectedStack } from "../project/workspace.ts";
import { fullName, list, listStacks, parseStackReference, stackPaths } from "../state/backend.ts";
import { readStored } from "../state/recovery.ts";
import { type Command, print } from "./command.ts";
import { openProject } from "./context.ts";

interface Row {
  name: string;
  current: boolean;
  lastUpdate?: string;
  updateInProgress: boolean;
  resourceCount?: number;
}

export const command: Command = {
  usage: "stack ls",
  summary: "Lists stacks.",
  flags: {
    all: { kind: "boolean", short: "a", help: "stacks of all projects of the backend" },
    json: { kind: "boolean", short: "j", help: "print JSON" },
    project: { kind: "text", short: "p", help: "stacks of this project" },
  },
  refused: ["organization", "tag"],
  arguments: [0, 0],
  async run(call) {
    const { project, backend } = await openProject(call);
    const all = call.flags.on("all");
    const selected = await selectedStack(project, backend.url, call.environment);
    const current = selected && fullName(parseStackReference(selected, project.name));
    const rows: Row[] = [];
    for (const stack of await listStacks(
      backend,
      all ? undefined : (call.flags.text("project") ?? project.name),
    )) {
      const stored = await readStored(stackPaths(backend, stack));
      const count = stored?.deployment.resources.length ?? 0;
      const time = stored?.deployment.manifest.time;
      const locks = (await list(stackPaths(backend, stack).locks)).filter((name) => name.endsWith(".json"));
      rows.push({
        name: all ? fullName(stack) : stack.name,
        current: fullName(stack) === current,
        ...(typeof time === "string" && count > 0 && { lastUpdate: `${time.slice(0, 19)}.000Z` }),
        updateInProgress: locks.length > 0,
        ...(count > 0 && { resourceCount: count }),
      });
    }
    if (call.flags.on("json")) print(JSON.stringify(rows, null, 2));
    else print(renderTable(["NAME", "LAST UPDATE", "RESOURCE COUNT"], rows.map(cellsOf)));
    return 0;
  },
};

function cellsOf(row: Row): string[] {
  const update = row.updateInProgress ? "in progress" : (row.lastUpdate ?? "n/a");
  return [`${row.name}${row.current ? "*" : ""}`, update, String(row.resourceCount ?? "n/a")];
}
