// Tells people of a deployment, before it or after it, and proves that each group was told: the text without open placeholders, and
// the receiver's own receipt, or the message found where it arrives. Says nothing about who reads it.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const kebab = () => z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);

const group = () =>
  z.union([
    z.strictObject({ mail: z.array(z.email()).min(1) }),
    /** Address that takes `{"text": …}` by POST, as Slack's incoming webhooks do; secret. */
    z.strictObject({ webhook: z.url() }),
  ]);

const inputs = () =>
  z.strictObject({
    notices: namedList(
      z.strictObject({
        name: kebab(),
        subject: z.string().min(1).max(200),
        /** `{{name}}` stands for a variable. */
        text: z.string().min(1),
        to: z.record(kebab(), group()),
      }),
    ).min(1),
    /** By name, for subjects and texts. */
    variables: z.record(z.string(), z.string()).default({}),
    /** Server for mail, `smtp://USER:PASSWORD@HOST:PORT` or smtps; secret. @default no mail can be sent */
    smtpUrl: z.string().optional(),
    /** Sender of mail. */
    from: z.email().optional(),
    /** Where messages of a test system arrive and can be looked up; elsewhere the receiver's receipt counts. */
    receiptUrl: z.url().optional(),
    /** Longest time until a message has arrived there, 1 to 600 s. @default 20 */
    deliverySeconds: z.number().min(1).max(600).default(20),
  });
export type AnnouncementInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ notices, smtpUrl }) => [
    ...(smtpUrl === undefined ? [] : [smtpUrl, ...passwordsOf(smtpUrl)]),
    // The path of a webhook is what lets one write to it.
    ...notices.flatMap(({ to }) =>
      Object.values(to).flatMap((one) =>
        "webhook" in one ? [one.webhook, new URL(one.webhook).pathname] : [],
      ),
    ),
  ],
  // People are told once of a release, not at every update.
  rerun: ({ notices, variables }) => ({
    variables,
    notices: notices.map(({ to, ...notice }) => ({ ...notice, to: Object.keys(to).sort() })),
  }),
  deadlineSeconds: 300,
  // Groups are told one after the other.
  allowedSeconds: ({ notices, deliverySeconds }) =>
    notices.reduce((sum, { to }) => sum + Object.keys(to).length, 0) * deliverySeconds,
  async plan({ notices = [] }) {
    return notices.map(({ name, to }) => `tell ${Object.keys(to).join(", ")}: ${name}`);
  },
  run: async (given, context) => (await import("./announcement/run.ts")).runAnnouncement(given, context),
});

/** Evidence: `NOTICE-text` and `NOTICE-GROUP` for each group; fact `receipts`: what the receivers said. */
export class Announcement extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("announcement", name, args, opts);
  }
}
