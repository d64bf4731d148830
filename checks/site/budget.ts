// Limits for some of a site's files: how large they may be, and how many there must be.
import { z } from "zod";
import { type Observation, observe } from "../step/definition.ts";
import type { SiteFile } from "./files.ts";

/** A budget; `budget-NAME` is the observation. */
export const siteBudget = () =>
  z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      .describe("name of the observation, `budget-NAME`"),
    files: z.string().min(1).describe("paths, `*` stands for any part, e.g. `assets/*.js`"),
    maximumBytes: z.int().min(1).optional().describe("largest size of each file").meta({ unit: "bytes" }),
    maximumTotalBytes: z
      .int()
      .min(1)
      .optional()
      .describe("largest size of all together")
      .meta({ unit: "bytes" }),
    minimumFiles: z.int().min(0).default(1).describe("how many there must be"),
  });
export type SiteBudget = z.output<ReturnType<typeof siteBudget>>;

const MOST_SHOWN = 5;

export function judgeBudget(budget: SiteBudget, files: Pick<SiteFile, "path" | "sizeBytes">[]): Observation {
  const { maximumBytes, maximumTotalBytes, minimumFiles } = budget;
  const source = budget.files.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  const pattern = new RegExp(`^${source}$`);
  const own = files.filter(({ path }) => pattern.test(path));
  const total = own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const large = own
    .filter(({ sizeBytes }) => sizeBytes > (maximumBytes ?? Number.POSITIVE_INFINITY))
    .map(({ path, sizeBytes }) => `${path} has ${sizeBytes}`);
  const faults = [
    ...(own.length < minimumFiles ? [`${own.length} files`] : []),
    ...large.slice(0, MOST_SHOWN),
    ...(large.length > MOST_SHOWN ? [`and ${large.length - MOST_SHOWN} more`] : []),
    ...(total > (maximumTotalBytes ?? Number.POSITIVE_INFINITY) ? [`${total} bytes together`] : []),
  ];
  const limits = [
    `at least ${minimumFiles} files ${budget.files}`,
    ...(maximumBytes === undefined ? [] : [`each at most ${maximumBytes} bytes`]),
    ...(maximumTotalBytes === undefined ? [] : [`together at most ${maximumTotalBytes} bytes`]),
  ];
  const largest = own.reduce((most, { sizeBytes }) => Math.max(most, sizeBytes), 0);
  const seen = `${own.length} files with ${total} bytes, the largest ${largest}`;
  return observe(
    `budget-${budget.name}`,
    faults.length === 0,
    limits.join(", "),
    faults.length === 0 ? seen : faults.join("; "),
  );
}
