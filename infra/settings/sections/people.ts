// Settings of the steps that concern people: what they are told, and what is written down for them.
import { z } from "zod";
// The formats belong to the checks.
import { placeholdersIn } from "../../../checks/announcement/placeholders.ts";
import { contactsWanted } from "../../../checks/documents/contacts.ts";
import { documentWanted } from "../../../checks/documents/document.ts";
import { namedList } from "../../../checks/step/named-list.ts";
import { path, secret, stepOptions, webAddress, whole } from "../kinds.ts";

/** What notices know of a deployment by themselves. */
const OWN_VARIABLES = ["system", "stack", "version"];

const kebab = () => z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);

/** `greenlight:announcements` */
export const announcements = () =>
  z
    .strictObject({
      notices: z
        .array(
          z.strictObject({
            name: kebab().describe("name of the observations, `NAME-GROUP`"),
            when: z
              .enum(["before", "after", "rollback"])
              .describe(
                "before anything is changed, after everything was proven, or after a rollback was proven",
              ),
            subject: z.string().min(1).max(200).describe("subject; `{{version}}` stands for a variable"),
            text: z.string().min(1).describe("the message, with variables"),
            to: z
              .record(
                kebab(),
                z.union([
                  z.strictObject({ mail: z.array(z.email()).min(1).describe("addresses") }),
                  z.strictObject({
                    webhook: secret().describe(
                      'takes `{"text": …}` by POST, as Slack\'s incoming webhooks do',
                    ),
                  }),
                ]),
              )
              .describe("groups of people and how they are reached"),
          }),
        )
        .min(1)
        .describe("what is said, when and to whom"),
      variables: z
        .record(z.string(), z.string())
        .default({})
        .describe("further variables beside `system`, `stack` and `version`")
        .meta({ example: { window: "2026-03-01 from 02:00 to 02:30 UTC" } }),
      smtpUrl: secret()
        .optional()
        .describe("server for mail")
        .meta({ example: "smtps://USER:PASSWORD@smtp.example.com" }),
      from: z.email().optional().describe("sender of mail"),
      receiptUrl: webAddress()
        .optional()
        .describe("where messages of a test system arrive; elsewhere the receiver's receipt counts"),
      deliverySeconds: whole(1, 600, "seconds").default(20).describe("time for a message to arrive there"),
      ...stepOptions,
    })
    .superRefine(({ notices, variables, smtpUrl, from }, context) => {
      const fault = (path: (string | number)[], message: string) =>
        context.addIssue({ code: "custom", path, message });
      const hasMail = notices.some(({ to }) => Object.values(to).some((group) => "mail" in group));
      if (hasMail && smtpUrl === undefined) fault(["smtpUrl"], "the server, since a notice goes by mail");
      if (hasMail && from === undefined) fault(["from"], "the sender, since a notice goes by mail");
      const known = [...OWN_VARIABLES, ...Object.keys(variables)];
      for (const [at, notice] of notices.entries())
        for (const part of ["subject", "text"] as const) {
          const unknown = placeholdersIn(notice[part]).filter((name) => !known.includes(name));
          if (unknown.length > 0)
            fault(["notices", at, part], `a value in variables for ${unknown.join(", ")}`);
        }
    })
    .describe("What people are told of a deployment, once a release.")
    .meta({
      example: {
        smtpUrl: "smtps://USER:PASSWORD@smtp.example.com",
        from: "releases@example.com",
        notices: [
          {
            name: "planned",
            when: "before",
            subject: "{{system}} {{version}} is being deployed",
            text: "No interruption is expected.",
            to: { operations: { mail: ["operations@example.com"] } },
          },
        ],
      },
    });

/** `greenlight:documents` */
export const documents = () =>
  z
    .strictObject({
      documents: namedList(documentWanted()).default([]).describe("documents and what must be in them"),
      contacts: contactsWanted().optional().describe("who answers in which role"),
      variablesIn: path().optional().describe("a document that explains every variable of the rules file"),
      alarmsIn: path().optional().describe("a document that explains every alarm of greenlight:alarms"),
      routesIn: z
        .strictObject({
          file: path().describe("names each route as `GET /orders/{id}`"),
          url: webAddress().describe("the running application's OpenAPI document (JSON)"),
        })
        .optional()
        .describe("a document that names every route of the running application, and no other"),
      diagramIn: path()
        .optional()
        .describe(
          "a document with a Mermaid diagram whose subgraph `stack` has every component of this stack as a node, and no other",
        ),
      ...stepOptions,
    })
    .describe("What is written down for people.")
    .meta({
      example: {
        documents: [{ name: "runbook", file: "docs/runbook.md", sections: ["Start", "Stop", "Rollback"] }],
      },
    });
