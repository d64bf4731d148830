// Proves that the application's own release command brought the wanted version to every instance, and what users saw
// meanwhile. Says nothing about what the version can do: see health and smoke.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const command = () => z.array(z.string().min(1)).min(1);
const environment = () => z.record(z.string(), z.string()).default({});

const inputs = () =>
  z.strictObject({
    /** What `versionUrl` must answer, e.g. a tag or a commit. */
    version: z.string().min(1),
    /** Starts or replaces the application: program and arguments, no shell. Running it twice must be harmless. */
    command: command(),
    /** Where commands run, from the program's directory. @default "." */
    directory: z.string().min(1).default("."),
    /** Plain variables of the command, beside this process's own. */
    environment: environment(),
    /** Secret variables of the command; never shown. */
    secretEnvironment: environment(),
    /** Answers JSON with the running version. */
    versionUrl: z.url(),
    /** @default "$.version" */
    versionPath: z.string().startsWith("$").default("$.version"),
    /** What tells instances apart in the answer; needed for more than one. @default "$.instance" */
    instancePath: z.string().startsWith("$").default("$.instance"),
    /** Instances that must answer the version, 1 to 100. @default 1 */
    instances: z.number().int().min(1).max(100).default(1),
    /** Time after the command until all do, 1 to 3600 s. @default 120 */
    withinSeconds: z.number().min(1).max(3600).default(120),
    /** Asked ten times a second during the release. @default versionUrl */
    probeUrl: z.url().optional(),
    /** A probe's request without an answer for so long counts as failed, 0.1 to 60 s. @default 2 */
    probeTimeoutSeconds: z.number().min(0.1).max(60).default(2),
    /** How long the probe goes on after the last instance, 0 to 600 s. @default 1 */
    settleSeconds: z.number().min(0).max(600).default(1),
    /** Fails when one request of the probe has no answer. @default false */
    zeroDowntime: z.boolean().default(false),
    /** Fails above so many seconds without an answer, 0 to 86400. @default no limit */
    maximumDowntimeSeconds: z.number().min(0).max(86_400).optional(),
    /** Stops the application when the step is deleted from the stack. @default it stays */
    stopCommand: command().optional(),
    /** Makes the step run again when one changes, e.g. the digest of the application's environment. */
    triggers: z.array(z.string()).default([]),
  });
export type ReleaseInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: (given) => [
    ...Object.values(given.secretEnvironment),
    ...[given.versionUrl, given.probeUrl ?? ""].flatMap(passwordsOf),
  ],
  rerun: ({ version, command, directory, environment, versionUrl, instances, triggers }) => ({
    version,
    command,
    directory,
    environment,
    versionUrl,
    instances,
    triggers,
  }),
  deadlineSeconds: 1_800,
  allowedSeconds: ({ withinSeconds, settleSeconds }) => withinSeconds + settleSeconds,
  async plan(given, { signal }) {
    const { versionUrl, versionPath = "$.version", instancePath = "$.instance" } = given;
    if (versionUrl === undefined) return [`release ${given.version ?? "(known at up)"}`];
    const { readVersion } = await import("./release/version.ts");
    const { version, fault } = await readVersion({ versionUrl, versionPath, instancePath }, signal);
    return [`release ${given.version ?? "(known at up)"}; now: ${version ?? `no version (${fault})`}`];
  },
  run: async (given, context) => (await import("./release/run.ts")).runRelease(given, context),
  async remove(facts, { log, signal }) {
    const { stopCommand, directory } = facts;
    if (!Array.isArray(stopCommand) || typeof directory !== "string") return;
    const { runCommand } = await import("./release/command.ts");
    const ended = await runCommand(
      { command: stopCommand.map(String), directory, environment: {} },
      log,
      signal,
    );
    if (ended.exitCode !== 0)
      throw new Error(`stop command: exit ${ended.exitCode}, want 0; ${ended.tail.join(" | ")}`);
  },
});

/** Evidence: observations `command`, `version`, `downtime`, `zero-downtime` (where asked); fact `previousVersion`. */
export class Release extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("release", name, args, opts);
  }
}
