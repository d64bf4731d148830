// Publishes a built site and proves that visitors get it: every file byte for byte at the edge, nothing that it refers to
// missing, with the security headers that it should have. Says nothing about what scripts do in a browser.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { expectation } from "./http/expectation.ts";
import { siteBudget } from "./site/budget.ts";
import { digestOfSite } from "./site/files.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const sentHeaders = () => z.record(z.string(), z.string()).default({});

const inputs = () =>
  z.strictObject({
    /** Built files, from the program's directory. */
    directory: z.string().min(1),
    /** Bucket that the site is served from; only the site's files may be in it. */
    bucket: z.string().min(3),
    /** Distribution whose caches must forget what changed. @default no invalidation */
    distributionId: z.string().optional(),
    /** Where visitors get it, e.g. `https://www.example.com`. */
    edgeUrl: z.url(),
    /** Sent with every request to the edge, e.g. `{ host: "d111.cloudfront.net" }`. */
    edgeHeaders: sentHeaders(),
    /** Address that must redirect to https. @default not looked at */
    redirectUrl: z.url().optional(),
    redirectHeaders: sentHeaders(),
    /** Headers that documents must have: a text, or conditions such as `{ contains: "max-age=31536000" }`. */
    headers: expectation().shape.headers,
    /** Largest size of all files together, in bytes. @default no limit */
    maximumBytes: z.number().int().min(1).optional(),
    budgets: namedList(siteBudget()).default([]),
    /** How long assets that the build no longer has stay, 0 to 3650 days. @default 30 */
    keepAssetDays: z.number().int().min(0).max(3650).default(30),
    /** In a rollback: the manifest of the record, whose object versions are made the newest again. @default all is uploaded */
    recorded: z.record(z.string(), z.strictObject({ sha256: z.string(), versionId: z.string() })).optional(),
    /** Makes the step run again when one changes, beside the files themselves. */
    triggers: z.array(z.string()).default([]),
  });
export type SiteInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: () => [],
  rerun: (given) => ({ ...given, files: digestOfSite(given.directory) }),
  deadlineSeconds: 1_800,
  async plan({ directory, bucket }) {
    if (directory === undefined) return [];
    const { readSite } = await import("./site/files.ts");
    const files = await readSite(directory);
    const assets = files.filter(({ kind }) => kind === "asset").length;
    const kib = Math.ceil(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1024);
    return [
      `publish ${assets} assets and ${files.length - assets} documents, ${kib} KiB, to ${bucket ?? "a new bucket"}`,
    ];
  },
  run: async (given, context) => (await import("./site/run.ts")).runSite(given, context),
});

/**
 * Evidence: observations `invalidation`, `edge-bytes`, `references`, `response-headers`, `https-redirect` (where asked),
 * `size`, `old-assets`, `downtime`, one `budget-NAME` a budget; fact `manifest`: path to `{ sha256, versionId }`.
 */
export class SiteRelease extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("site", name, args, opts);
  }
}
