// How the demo makes one step fail: by making the system really wrong in a way that this step is there to notice.
// What it gives are environment variables to which the example's local stack refers.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

export const FAILING_STEPS = ["preflight", "rehearsal", "migration", "release", "health", "smoke"] as const;
export type FailingStep = (typeof FAILING_STEPS)[number];

/** A fault of each system's own that only a journey shows. */
const SMOKE_FAULTS: { [system: string]: string } = {
  "hv-consultores": "rules-history", // rules run and leave no history
  "support-troubleshooting": "feedback-lost",
  "pfa-vanguard": "sync-stuck",
};

type Environment = { [variable: string]: string };

/** The variables that make a step of the system in this folder fail. What it writes is below `scratch`. */
export function makeFail(step: FailingStep, system: string, scratch: string): Environment {
  switch (step) {
    case "preflight":
      // A rate limit that is no number: the environment's rules refuse it.
      return { GREENLIGHT_DEMO_RATE_LIMIT: "plenty" };
    case "rehearsal":
      return { GREENLIGHT_DEMO_MIGRATIONS: brokenMigrations(system, scratch, "100 / 0") };
    case "migration":
      // What depends on the database's name works on the copy that the rehearsal runs on, and not in production.
      return {
        GREENLIGHT_DEMO_MIGRATIONS: brokenMigrations(
          system,
          scratch,
          "100 / (current_database() like 'greenlight_restore_%')::int",
        ),
      };
    case "release":
      // The application answers another version than the one released.
      return { GREENLIGHT_DEMO_FAULTS: "wrong-version" };
    case "health":
      return { GREENLIGHT_DEMO_FAULTS: "health" };
    case "smoke":
      return { GREENLIGHT_DEMO_FAULTS: SMOKE_FAULTS[basename(system)] ?? "validation-off" };
  }
}

/** The system's migrations and one more, whose second statement fails when it runs. */
function brokenMigrations(system: string, scratch: string, share: string): string {
  const migrations = join(system, "migrations");
  const folder = join(scratch, "failing-migrations");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(migrations, folder, { recursive: true });
  const up = `create table demo_reports (id bigint primary key, share numeric not null);\ninsert into demo_reports values (1, ${share});\n`;
  const newest = Math.max(...readdirSync(migrations).map((file) => Number.parseInt(file, 10) || 0));
  const version = String(newest + 1).padStart(4, "0");
  writeFileSync(join(folder, `${version}_demo_reports.sql`), up);
  writeFileSync(join(folder, `${version}_demo_reports.down.sql`), "drop table demo_reports;\n");
  return folder;
}
