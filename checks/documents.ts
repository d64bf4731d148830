// Proves that what people need beside the software is written down and of this release: documents with their sections, links that
// lead somewhere, contacts that can be reached, every variable and alarm explained. Says nothing about whether it is well written.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { contactsWanted } from "./documents/contacts.ts";
import { documentWanted } from "./documents/document.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    /** Folder from which paths start. */
    directory: z.string().min(1),
    /** Version that documents with `release: true` must name. @default none */
    release: z.string().optional(),
    documents: namedList(documentWanted()).default([]),
    contacts: contactsWanted().optional(),
    /** Names that a document must explain, by the name of the observation, e.g. `variables` or `alarms`. */
    glossaries: z
      .record(
        z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
        z.strictObject({ file: z.string().min(1), names: z.array(z.string().min(1)) }),
      )
      .default({}),
    /** A document that names every route of the running application, and no other. */
    routes: z.strictObject({ file: z.string().min(1), url: z.url({ protocol: /^https?$/ }) }).optional(),
    /** A document whose diagram shows every component of the stack, and no other. */
    diagram: z
      .strictObject({ file: z.string().min(1), components: z.array(z.string().min(1)).min(1) })
      .optional(),
  });
export type DocumentsInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: () => [],
  rerun: "always",
  deadlineSeconds: 60,
  run: async (given, context) => (await import("./documents/run.ts")).runDocuments(given, context),
});

/**
 * Evidence: one observation a document by its name, `contacts`, `escalation`, `NAME-documented` for each glossary,
 * `routes-documented` and `diagram`; fact `sha256` by document.
 */
export class Documents extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("documents", name, args, opts);
  }
}
