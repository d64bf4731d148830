// Proves that the released application logs as agreed: the form of each line, levels, nothing secret, no errors since the release, lines
// that arrive where they are collected, rotation and retention. Says nothing about what was not logged.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { forbidden, logSource } from "./logs/definition.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    sources: namedList(logSource()).min(1),
    forbidden: forbidden().default({}),
    /** Values that no line may show; those under 8 characters are left out. */
    secrets: z.array(z.string()).default([]),
    /** When the release was made: errors count from the last of these times. */
    since: z.array(z.string()).default([]),
  });
export type LogsInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ secrets }) => secrets,
  rerun: "always",
  deadlineSeconds: 300,
  allowedSeconds: ({ sources }) => sources.reduce((sum, { marker }) => sum + (marker?.withinSeconds ?? 0), 0),
  async plan({ sources = [] }) {
    return sources.map(
      ({ name, file, group, lines }) => `${name}: the newest ${lines} lines of ${file ?? group}`,
    );
  },
  run: async (given, context) => (await import("./logs/run.ts")).runLogs(given, context),
});

/** Evidence: `NAME-format`, `-levels`, `-errors`, `-fresh`, `-correlation`, `-marker`, `-secrets`, `-search`, `-rotation`, `-retention`. */
export class LogProof extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("logs", name, args, opts);
  }
}
