// What a history record says about how it was made: never a value that could be secret, only that it was set.
import { arch, platform } from "node:os";
import { VERSION } from "../state/version.ts";
import type { Call } from "./command.ts";

/** Keys and values of the official command's records, as far as they are known here. */
export function historyEnvironment(call: Call): { [key: string]: string } {
  const flags = call.flags.names.map((name) => {
    const value = call.flags.text(name) ?? "";
    return [`pulumi.flag.${name}`, value === "true" || value === "false" ? value : "set"];
  });
  const variables = Object.keys(call.environment)
    .filter((name) => name.startsWith("PULUMI_"))
    .map((name) => [`pulumi.env.${name}`, "set"]);
  return {
    "exec.kind": call.flags.text("exec-kind") ?? "cli",
    "pulumi.arch": arch() === "x64" ? "amd64" : arch(),
    "pulumi.os": platform(),
    "pulumi.version": VERSION,
    ...Object.fromEntries([...variables, ...flags]),
    "runtime.executable": "node",
    "runtime.name": "nodejs",
    "runtime.version": process.version,
    "stack.environments": "[]",
    updatePlan: "false",
  };
}
