// Proves that pages work in a real browser: they load in time, show what they must, and no script fails and no request breaks on
// the way. Says nothing about other browsers, nor about how a page looks.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { browserPage } from "./browser/page.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    pages: namedList(browserPage()).min(1),
    /** A token that the page finds in its storage, for pages that need a person. @default none */
    token: z
      .strictObject({
        /** Signing key; secret. */
        secret: z.string().min(1),
        algorithm: z.enum(["HS256", "HS384", "HS512"]).default("HS256"),
        claims: z.record(z.string(), z.json()).default({}),
        storage: z.enum(["localStorage", "sessionStorage"]).default("localStorage"),
        key: z.string().min(1),
      })
      .optional(),
    /** Chrome or Chromium. @default what is on PATH, else the one that comes as a package */
    executable: z.string().min(1).optional(),
    /** Makes the step run again when one changes, e.g. the time of the release. */
    triggers: z.array(z.string()).default([]),
  });
export type BrowserInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ token, pages }) => [
    ...(token === undefined ? [] : [token.secret]),
    ...pages.flatMap(({ url }) => passwordsOf(url)),
  ],
  rerun: ({ token, ...given }) => ({ ...given, token: token && { ...token, secret: undefined } }),
  deadlineSeconds: 180,
  async plan({ pages = [] }) {
    return pages.map(({ name, url }) => `open ${url} in a browser: ${name}`);
  },
  run: async (given, context) => (await import("./browser/run.ts")).runBrowser(given, context),
});

/**
 * Evidence, for each page by its name: `NAME` (status, title, texts, elements, steps), `NAME-console`, `NAME-requests`, `NAME-load`;
 * fact `browser`: its version.
 */
export class Browser extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("browser", name, args, opts);
  }
}
