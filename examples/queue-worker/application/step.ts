// What can be asked for: the kinds of steps, and what they do. Work ends when its signal is aborted.
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { postToSlack } from "../../parts/delivery/slack.ts";
import type { System } from "./system.ts";

const probe = z.strictObject({
  /** How long the work takes. */
  milliseconds: z.int().min(0).max(120_000).default(0),
  /** Fails so often before it works. */
  failures: z.int().min(0).max(20).default(0),
  /** Ends its own process at the first attempt, as a power cut would: before or after the work is on record. */
  crash: z.enum(["before", "after"]).optional(),
  /** Tells its own process to stop, in the middle of the work. */
  terminate: z.boolean().default(false),
  /** Logged, to see what the log makes of it. */
  note: z.string().max(500).optional(),
  /** The work's result. */
  echo: z.json().optional(),
});
const notify = z.strictObject({ text: z.string().min(1).max(2_000) });

const options = {
  /** The person whose data the payload holds. */
  subject: z.string().min(1).max(200).optional(),
  correlationId: z
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .optional(),
  timeoutMilliseconds: z.int().min(100).max(30_000).optional(),
  attempts: z.int().min(1).max(10).optional(),
};

/** A request for a step. */
export const stepRequest = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("noop"), payload: z.strictObject({}).prefault({}), ...options }),
  z.strictObject({ kind: z.literal("probe"), payload: probe, ...options }),
  z.strictObject({ kind: z.literal("notify"), payload: notify, ...options }),
]);
export type StepRequest = z.output<typeof stepRequest>;

/** One attempt at a step. */
export interface Attempt {
  id: string;
  /** From 1. */
  attempt: number;
  signal: AbortSignal;
}

/** Does the work and gives its result. */
export async function work(
  system: System,
  step: StepRequest,
  { attempt, signal }: Attempt,
): Promise<unknown> {
  switch (step.kind) {
    case "noop":
      return null;
    case "notify": {
      const { faults, settings } = system;
      return { slack: await postToSlack(settings.slackWebhook, step.payload.text, signal, faults) };
    }
    case "probe": {
      const { payload } = step;
      const log = system.log.component("probe");
      if (payload.note !== undefined) log.info("Probe", { note: payload.note });
      if (payload.terminate && attempt === 1) process.kill(process.pid, "SIGTERM");
      await setTimeout(payload.milliseconds, undefined, { signal });
      if (payload.crash === "before" && attempt === 1) process.kill(process.pid, "SIGKILL");
      if (attempt <= payload.failures) throw new Error("asked to fail");
      return payload.echo ?? null;
    }
  }
}
