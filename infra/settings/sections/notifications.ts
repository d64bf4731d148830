// Settings of who is told about a release.
import { z } from "zod";
import { secret } from "../kinds.ts";

const channel = () =>
  z.union([
    z.strictObject({
      slack: z
        .strictObject({ url: secret().describe("an incoming webhook") })
        .describe("a message in a Slack channel"),
    }),
    z.strictObject({
      pagerduty: z
        .strictObject({
          routingKey: secret().describe("integration key of the service"),
          url: z.url().optional().describe("another address than PagerDuty's own"),
        })
        .describe("a change event of a PagerDuty service"),
    }),
    z.strictObject({
      email: z
        .strictObject({
          smtpUrl: secret().describe("`smtps://USER:PASSWORD@HOST:PORT`"),
          from: z.email().describe("the sender"),
          to: z.array(z.email()).min(1).describe("who gets it"),
        })
        .describe("a mail"),
    }),
  ]);

/** `greenlight:notifications` */
export const notifications = () =>
  z
    .strictObject({
      channels: z
        .record(z.string().regex(/^[a-z][a-z0-9-]*$/), channel())
        .describe("slack, pagerduty or email, each under a name of its own"),
      events: z
        .array(z.enum(["start", "success", "failure", "rollback"]))
        .min(1)
        .default(["start", "success", "failure", "rollback"])
        .describe(
          "what is told: a release begins, is proven, or a step of it failed; a rollback begins, is proven or failed",
        ),
    })
    .describe("Who is told about a release. That somebody cannot be told never fails it, and is on record.")
    .meta({
      example: {
        channels: { team: { slack: { url: "https://hooks.slack.com/services/T0/B0/x" } } },
        events: ["success", "failure"],
      },
    });
