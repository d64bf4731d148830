// Texts of `--help`, made from the same tables that read the command line.
import { type Command, globalFlags } from "./command.ts";
import type { FlagTable } from "./flags.ts";

/** Help of one command. */
export function renderHelp(command: Command): string {
  return [
    command.summary,
    "",
    "Usage:",
    `  pulumi ${command.usage} [flags]`,
    "",
    "Flags:",
    ...renderFlags(command.flags),
    "",
    "Global flags:",
    ...renderFlags(globalFlags),
  ].join("\n");
}

/** Help without a command. */
export function renderOverview(commands: readonly string[]): string {
  return [
    "The embedded engine of this project: runs its Pulumi program where there is no Pulumi CLI.",
    "",
    "Usage:",
    "  pulumi COMMAND [flags]",
    "",
    "Commands:",
    ...commands.map((command) => `  ${command}`),
    "",
    "Use `pulumi COMMAND --help` for the flags of one.",
  ].join("\n");
}

function renderFlags(table: FlagTable): string[] {
  return Object.entries(table).map(([name, { kind, short, help }]) => {
    const value = { boolean: "", text: " VALUE", optional: "[=VALUE]" }[kind];
    return `  ${short ? `-${short}, ` : "    "}${`--${name}${value}`.padEnd(32)} ${help}`;
  });
}
