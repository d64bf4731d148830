// docs/controls.md from the controls.
import type { Control } from "./control.ts";

/** @param lists controls by the service that they are about */
export function renderTable(lists: { [service: string]: Control[] }): string {
  const sections = Object.entries(lists).map(([service, controls]) =>
    [`## ${service}`, "", HEAD, ...controls.map(row), ""].join("\n"),
  );
  return [INTRODUCTION, ...sections].join("\n");
}

const HEAD = "| Control | Asks for | Resource | Here |\n|---|---|---|---|";

const INTRODUCTION = `# Controls

What the lists of an AWS auditor ask of the resources that a stack registers: AWS Foundational Security Best Practices by their
own numbers, and the CIS AWS Foundations Benchmark where it has the same. Written by \`tests/infra/controls.test.ts\`, which looks at
every resource of a complete production stack and of each example's, and breaks every property to see its assertion fail
(\`npx vitest run tests/infra/controls.test.ts -u\` writes this file anew). It shows what is asked of AWS, not that an account is
set up well: controls of accounts, trails and organizations are named as such.
`;

function row(control: Control): string {
  const here =
    "waived" in control ? `waived: ${control.waived}` : `${control.met} (${control.breaks.length} breaks)`;
  return `| ${control.id} | ${control.asks} | ${control.type.split(":")[2]} | ${here} |`;
}
