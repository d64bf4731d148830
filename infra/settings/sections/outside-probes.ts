// Settings of the probes that go on after a deployment.
import { z } from "zod";
import { publicWebAddress, whole } from "../kinds.ts";

/** Route 53 takes no longer paths. */
function isShort(text: string): boolean {
  if (!URL.canParse(text)) return true; // told already
  const { pathname, search } = new URL(text);
  return `${pathname}${search}`.length <= 255;
}

/** `greenlight:probes` */
export const probes = () =>
  z
    .strictObject({
      urls: z
        .record(
          z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
          publicWebAddress().refine(isShort, {
            error: "an address whose path and query have at most 255 characters",
          }),
        )
        .refine((urls) => Object.keys(urls).length > 0, { error: "at least one address" })
        .describe("public addresses by name; Route 53 asks each from several regions")
        .meta({ example: { health: "https://app.example.com/health" } }),
      requestIntervalSeconds: z
        .literal([10, 30])
        .default(30)
        .describe("time between two probes of one place; 10 costs more")
        .meta({ unit: "seconds" }),
      failureThreshold: whole(1, 10, "probes").default(3).describe("probes in a row that change the verdict"),
      runbook: z.url().optional().describe("what to do; part of the alarms' descriptions"),
    })
    .describe(
      "Probes of the public endpoints from outside, with alarms of severity P1; needs the region us-east-1.",
    )
    .meta({ example: { urls: { health: "https://app.example.com/health" } } });
