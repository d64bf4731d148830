// What an update is seen to have begun, from engine events built by hand.
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { expect, it } from "vitest";
import { Progression } from "../../greenlight/progress.ts";
import { STEP_TYPE } from "../../report/steps.ts";

const metadata = (name: string, op: string) => ({
  op,
  urn: `urn:pulumi:local::orders::pulumi-nodejs:dynamic/greenlight/${name}:Step::${name}`,
  type: `${STEP_TYPE}:${name}`,
});
const event = (
  kind: "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent",
  name: string,
  op = "update",
) =>
  ({
    sequence: 0,
    timestamp: 1_777_885_230,
    [kind]: { metadata: metadata(name, op) },
  }) as unknown as EngineEvent;

it("is under way from its beginning to its end, whichever that is; an unchanged step never", () => {
  const progress = new Progression(() => {});
  for (const name of ["site", "release", "reversal"]) progress.see(event("resourcePreEvent", name));
  progress.see(event("resourcePreEvent", "backup", "same"));
  progress.see(event("resOutputsEvent", "site"));
  progress.see(event("resOpFailedEvent", "release"));
  expect(progress.underWay).toEqual({ reversal: "2026-05-04T09:00:30.000Z" });
});
