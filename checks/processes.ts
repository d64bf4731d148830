// Proves how the application's processes run under pm2: as many as wanted, all online, each within its limits of memory and
// processors and with disk to write to, as pm2 and the system themselves tell. Says nothing about what they do.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const range = (unit: string) =>
  z
    .strictObject({
      minimum: z.number().positive().describe("smallest limit").meta({ unit }),
      maximum: z.number().positive().describe("largest limit").meta({ unit }),
    })
    .refine(({ minimum, maximum }) => minimum <= maximum, { error: "minimum at most maximum" });

/** One application of pm2. */
export const managed = () =>
  z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      .describe("its name in pm2; the observations begin with it"),
    instances: z.int().min(1).max(1000).describe("processes that must be online").meta({ unit: "processes" }),
    memoryMegabytes: range("MB")
      .optional()
      .describe("between what the limit of memory lies at which pm2 replaces a process"),
    processors: range("processors")
      .optional()
      .describe("between what the number of processors lies that a process may run on (Linux)"),
    diskMegabytes: z
      .int()
      .min(1)
      .optional()
      .describe("free space where a process writes")
      .meta({ unit: "MB" }),
  });
export type Managed = z.output<ReturnType<typeof managed>>;

const inputs = () => z.strictObject({ processes: z.array(managed()).min(1) });
export type ProcessesInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: () => [],
  rerun: "always",
  deadlineSeconds: 60,
  run: async (given, context) => (await import("./processes/run.ts")).runProcesses(given, context),
});

/** Evidence: observations `<name>-online`, `-memory-limit`, `-processor-limit`, `-disk`, as far as they are asked for. */
export class Processes extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("processes", name, args, opts);
  }
}
