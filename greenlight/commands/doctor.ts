// `greenlight doctor`: what this machine has and lacks for a local stack, and how to get what is missing.

import { type Command, UsageError } from "../command.ts";
import { examineMachine, type Finding } from "./machine.ts";

export const doctor: Command = {
  usage: `usage: greenlight doctor [--json]

  Looks at Node, npm, Python, PostgreSQL, Valkey, disk space, ports and the optional tools.
  Changes nothing. Exit code 1 when something required is missing.`,
  async run(args) {
    if (args.some((arg) => arg !== "--json")) throw new UsageError(`unexpected "${args.join(" ")}"`);
    const findings = await examineMachine();
    if (args.includes("--json")) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
    else for (const finding of findings) process.stdout.write(`${describe(finding)}\n`);
    return findings.some((finding) => finding.result === "missing") ? 1 : 0;
  },
};

function describe({ subject, result, found, remedy }: Finding): string {
  const mark = { ok: "+", optional: "o", missing: "-" }[result];
  const line = `${mark} ${subject.padEnd(12)} ${found}`;
  return remedy === undefined ? line : `${line}\n  ${"".padEnd(12)} ${remedy}`;
}
