// docs/faults.md from the lists of faults.
import type { FaultList } from "./fault.ts";

export function renderFaults(lists: FaultList[]): string {
  const total = lists.reduce((sum, { faults }) => sum + faults.length, 0);
  const counts = lists.map(({ system, faults }) => `${system} ${faults.length}`).join(", ");
  return [introduction(total, counts), ...lists.map(section)].join("\n");
}

const introduction = (total: number, counts: string) => `# Faults

The example systems, deployed and proven, and then really wrong in ${total} ways (${counts}): each makes the steps that look at it
find it, and takes away exactly the boxes named here and no other. Each is applied to the real thing (database, Redis, AWS
emulator, files, process), never to evidence, and undone again. Those marked + are applied at once: they take away exactly their
boxes together, and each of them is seen by an observation that no other of them makes fail. Tried by
\`tests/end-to-end/SYSTEM.test.ts\`; this page is written by \`tests/docs/faults.test.ts\`
(\`npx vitest run tests/docs/faults.test.ts -u\` writes it anew).
`;

function section({ system, faults }: FaultList): string {
  const rows = faults.map(
    ({ name, steps, wrong, boxes, together }) =>
      `| ${name}${together ? " +" : ""} | ${wrong} | ${steps.join(", ")} | ${boxes.map((box) => box.replace(/^\d+-/, "")).join(", ")} |`,
  );
  const [first = ""] = faults.flatMap(({ boxes }) => boxes);
  const HEAD = `| Fault | What is wrong | Steps that look | Boxes lost (${first.slice(0, 4)}…) |\n|---|---|---|---|`;
  return [`## ${system}`, "", HEAD, ...rows, ""].join("\n");
}
