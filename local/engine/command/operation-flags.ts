// Flags of preview, up, refresh and destroy.

import { stackFlag } from "./command.ts";
import type { Flag, FlagTable } from "./flags.ts";

const accepted = (kind: Flag["kind"] = "boolean"): Flag => ({ kind, help: "accepted, changes nothing" });

/** Flags of all four. */
export const operationFlags: FlagTable = {
  ...stackFlag,
  client: { kind: "text", help: "address of an inline program of the Automation API" },
  config: { kind: "text", short: "c", many: true, help: "KEY=VALUE to set before, any number of times" },
  "config-file": { kind: "text", help: "use this configuration file" },
  "config-path": { kind: "boolean", help: "keys of --config are paths" },
  "continue-on-error": { kind: "boolean", help: "go on with what does not depend on a failure" },
  debug: { kind: "boolean", short: "d", help: "show debug messages" },
  diff: { kind: "boolean", help: "show every property" },
  "event-log": { kind: "text", help: "write engine events to a file or tcp://HOST:PORT" },
  "exec-agent": accepted("text"),
  "exec-kind": { kind: "text", help: "who calls, for the history" },
  "expect-no-changes": { kind: "boolean", help: "exit with 7 if anything changes" },
  json: { kind: "boolean", short: "j", help: "print JSON" },
  message: { kind: "text", short: "m", help: "a message for the history" },
  parallel: { kind: "text", short: "p", help: "how many steps run at once" },
  refresh: { kind: "optional", short: "r", help: "read the real resources first" },
  "run-program": { kind: "optional", help: "only =false is supported" },
  "show-config": { kind: "boolean", help: "show the configuration" },
  "show-full-output": accepted(),
  "show-reads": { kind: "boolean", help: "show resources that are read" },
  "show-replacement-steps": accepted(),
  "show-sames": { kind: "boolean", help: "show unchanged resources" },
  "show-secrets": { kind: "optional", help: "only =false is supported" },
  "suppress-outputs": { kind: "boolean", help: "do not show stack outputs" },
  "suppress-permalink": accepted("optional"),
  "suppress-progress": { kind: "boolean", help: "show only what happened, not what goes on" },
  target: {
    kind: "text",
    short: "t",
    many: true,
    help: "URN to limit the operation to, any number of times",
  },
  "target-dependents": { kind: "boolean", help: "also what depends on the targets" },
};

/** Flags of those that change something. */
export const changeFlags: FlagTable = {
  yes: { kind: "boolean", short: "y", help: "do not ask" },
  "skip-preview": { kind: "boolean", short: "f", help: "do not preview first" },
};

/** Flags of those that run the program. */
export const programFlags: FlagTable = {
  replace: { kind: "text", many: true, help: "URN to replace, any number of times" },
  "target-replace": { kind: "text", many: true, help: "URN to replace, and to limit the operation to" },
};

/** Flags of the official command that are refused by name. */
export const refusedOperationFlags = [
  ..."attach-debugger exclude exclude-dependents exclude-protected import-file import-pending-creates".split(
    " ",
  ),
  ..."neo copilot plan policy-pack policy-pack-config remote save-plan remove".split(" "),
  ..."otel-traces secrets-provider template-mode strict".split(" "),
];
