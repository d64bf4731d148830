// Proves that backups are made without a release, by the plan that the stack names: the newest run left its report, its backup is
// young, kept and was restored with equal rows. Says nothing about the machine that the plan runs on.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep, type Finding, type Observation, observe, type StepContext } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    bucket: z.string().min(3),
    /** The database's name. */
    database: z.string().min(1),
    /** When backups are made: five fields, UTC. */
    cron: z.string().min(9),
    /** Oldest newest backup, 1 to 8760 h. */
    maximumAgeHours: z.number().min(1).max(8760),
    /** Longest time since a backup was restored with equal rows, 1 to 366 days. @default 31 */
    restoredWithinDays: z.number().min(1).max(366).default(31),
    /** Time for the first run of a plan, which begins with the release, 0 to 3600 s. @default 120 */
    withinSeconds: z.number().min(0).max(3600).default(120),
  });
// So far two machines' clocks may be apart.
const CLOCK_HOURS = 0.25;
type ScheduleInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: () => [],
  rerun: "always",
  deadlineSeconds: 3_900,
  async plan({ cron, maximumAgeHours }) {
    return [`the newest backup by the plan ${cron} at most ${maximumAgeHours} h old, and restored`];
  },
  run: look,
});

async function look(given: ScheduleInputs, { signal }: StepContext): Promise<Finding> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const { newestReport, storedBytes } = await import("./scheduled-backup/reports.ts");
  const { waitUntil } = await import("./wait.ts");
  const s3 = new S3Client({});
  try {
    const { value: report } = await waitUntil(
      () => newestReport(s3, given, signal),
      (found) => found?.cron === given.cron,
      { withinSeconds: given.withinSeconds, everySeconds: 0.5, signal },
    );
    const there = report && (await storedBytes(s3, given.bucket, report, signal));
    return await judgeReport(given, report, new Date(), there);
  } finally {
    s3.destroy();
  }
}

type Report = Awaited<ReturnType<typeof import("./scheduled-backup/reports.ts")["newestReport"]>>;

/** Observations `planned`, `fresh`, `restored`, `kept`. @param there the backup's size now; undefined when it is gone */
export async function judgeReport(
  given: ScheduleInputs,
  report: Report,
  now: Date,
  there: number | undefined,
): Promise<Finding> {
  const { Cron } = await import("croner");
  const hours = (since: string) => (now.getTime() - Date.parse(since)) / 3_600_000;
  const next = new Cron(given.cron, { timezone: "UTC", paused: true }).nextRun(now);
  const expected = {
    planned: `backups by the plan ${given.cron} (UTC), the next one known`,
    fresh: `the newest backup of the plan passed and is at most ${given.maximumAgeHours} h old`,
    restored: `a backup of the plan restored with equal rows in the last ${given.restoredWithinDays} days`,
    kept: "the backup is there, encrypted, and expires when it should",
  };
  if (!report)
    return {
      observations: Object.entries(expected).map(([id, wanted]): Observation => {
        const observed = `no run in s3://${given.bucket}; start greenlight backup where the application runs`;
        return { id, result: "failed", expected: wanted, observed };
      }),
      facts: {},
    };
  const found = (ids: string[]) => report.observations.filter(({ id }) => ids.includes(id));
  const all = (ids: string[]) =>
    found(ids).length === ids.length && found(ids).every(({ result }) => result === "passed");
  const said = (ids: string[]) =>
    found(ids)
      .map(({ id, observed }) => `${id} ${observed}`)
      .join("; ") ||
    (report.problem ?? "nothing");
  const old = hours(report.finishedAt);
  const isAhead = old < -CLOCK_HOURS;
  const ahead = "; a clock went wrong: put it right, and delete that report, which hides the later ones";
  const age = `${old.toFixed(1)} h old, of ${report.finishedAt}${isAhead ? ahead : ""}`;
  return {
    observations: [
      observe(
        "planned",
        report.cron === given.cron && next !== null,
        expected.planned,
        `${report.cron}, next at ${next?.toISOString() ?? "no time"}`,
      ),
      observe(
        "fresh",
        report.result === "passed" && !isAhead && old <= given.maximumAgeHours,
        expected.fresh,
        `${report.result}, ${age}${report.problem === null ? "" : `: ${report.problem}`}`,
      ),
      observe(
        "restored",
        all(["restored", "data-equal", "restore-time"]) && !isAhead && old <= given.restoredWithinDays * 24,
        expected.restored,
        `${said(["restored", "data-equal", "restore-time"])}; ${age}`,
      ),
      observe(
        "kept",
        all(["exists", "encrypted", "retention"]) && there !== undefined && there === report.facts.sizeBytes,
        expected.kept,
        `${there === undefined ? "no backup there" : `${there} bytes there, ${report.facts.sizeBytes} made`}; ${said(["exists", "retention"])}`,
      ),
    ],
    facts: {
      startedAt: report.startedAt,
      finishedAt: report.finishedAt,
      key: report.facts.key ?? null,
      nextAt: next?.toISOString() ?? null,
    },
  };
}

/** Evidence: observations `planned`, `fresh`, `restored`, `kept`; facts `key`, `finishedAt`, `nextAt`. */
export class ScheduledBackup extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("scheduled-backup", name, args, opts);
  }
}
