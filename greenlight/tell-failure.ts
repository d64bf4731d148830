// Tells people of a deployment that failed outside its steps, e.g. while its infrastructure was made: no step could do it. Whom, the
// steps in the stack's state know.
import { z } from "zod";
import { execute } from "../checks/step/host.ts";
import { type Notice, noticesOf } from "../report/notices.ts";
import type { Report } from "../report/report.ts";
import { plain } from "./plain.ts";

const exported = z.object({
  resources: z.array(z.object({ inputs: z.record(z.string(), z.unknown()).optional() })).nullish(),
});
const onFailure = z.array(z.object({ kind: z.string(), inputs: z.record(z.string(), z.unknown()) }));

/**
 * @param deployment what `exportStack` gives, with secrets
 * @returns what became of it; nothing where a step failed or the stack wants nobody told. Never fails the deployment
 */
export async function tellFailure(deployment: unknown, report: Report): Promise<Notice[]> {
  // A step that fails tells itself, and a gate that is shut is no failure.
  if (report.steps.some(({ result }) => result === "failed")) return [];
  const telling = notificationIn(deployment);
  if (!telling) return [];
  const name = "failure";
  try {
    const text = report.errors.join("\n");
    const { outs } = await execute({ ...telling, text, kind: "notification", name }, undefined, undefined);
    return noticesOf([outs]);
  } catch (error) {
    const observed = error instanceof Error ? error.message : String(error);
    return [{ event: name, channel: "all", told: false, observed }];
  }
}

/** The inputs of the notification that a failing step would run. */
function notificationIn(deployment: unknown): { [name: string]: unknown } | undefined {
  const { resources } = exported.parse(deployment);
  for (const { inputs } of resources?.toReversed() ?? []) {
    const wanted = onFailure.safeParse(plain(inputs?.onFailure));
    const found = wanted.data?.find(({ kind }) => kind === "notification");
    if (found) return found.inputs;
  }
  return undefined;
}
