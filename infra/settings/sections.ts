// Every section of a stack file, by its name after `greenlight:`. A component or step exists only if its section does.
import type { z } from "zod";
import { agent } from "./sections/agent.ts";
import { alarms } from "./sections/alarms.ts";
import { application, type Provided, release, site } from "./sections/application.ts";
import { browser } from "./sections/browser.ts";
import { build } from "./sections/build.ts";
import { candidate } from "./sections/candidate.ts";
import { dashboards } from "./sections/dashboards.ts";
import { backup, cache, database } from "./sections/data.ts";
import { maintenance, migration, rehearsal, rows, schema } from "./sections/database-steps.ts";
import { deployer } from "./sections/deployer.ts";
import { latency } from "./sections/latency.ts";
import { logArchive } from "./sections/log-archive.ts";
import { logChecks } from "./sections/log-checks.ts";
import { metrics } from "./sections/metrics.ts";
import { notifications } from "./sections/notifications.ts";
import { observation } from "./sections/observation.ts";
import { probes } from "./sections/outside-probes.ts";
import { announcements, documents } from "./sections/people.ts";
import { health, preflight, security, smoke } from "./sections/probes.ts";
import { processes } from "./sections/processes.ts";
import { provisioned } from "./sections/provisioned.ts";
import { quiesce } from "./sections/quiesce.ts";
import { record } from "./sections/record.ts";
import { rollback, undo } from "./sections/rollback.ts";
import { secrets } from "./sections/secrets.ts";
import { signOff } from "./sections/sign-off.ts";
import { logs, network, system } from "./sections/system.ts";

/** The schemas, in the order of one deployment; made once, when somebody asks: making them takes longer than using them. */
export const sections = () => {
  made ??= schemas();
  return made;
};

let made: ReturnType<typeof schemas> | undefined;

const schemas = () => ({
  system: system(),
  notifications: notifications(),
  deployer: deployer(),
  network: network(),
  logs: logs(),
  database: database(),
  quiesce: quiesce(),
  backup: backup(),
  cache: cache(),
  application: application(),
  preflight: preflight(),
  provisioned: provisioned(),
  build: build(),
  announcements: announcements(),
  rehearsal: rehearsal(),
  candidate: candidate(),
  migration: migration(),
  schema: schema(),
  rows: rows(),
  maintenance: maintenance(),
  release: release(),
  site: site(),
  processes: processes(),
  health: health(),
  smoke: smoke(),
  browser: browser(),
  security: security(),
  latency: latency(),
  metrics: metrics(),
  logChecks: logChecks(),
  logArchive: logArchive(),
  secrets: secrets(),
  agent: agent(),
  alarms: alarms(),
  dashboards: dashboards(),
  probes: probes(),
  observation: observation(),
  signOff: signOff(),
  rollback: rollback(),
  undo: undo(),
  documents: documents(),
  record: record(),
});

export type Sections = ReturnType<typeof sections>;
export type SectionName = keyof Sections;

/** The only section that every stack has. */
export const REQUIRED: SectionName[] = ["system"];

/** A section after parsing: defaults filled in, secrets wrapped. */
export type Section<Name extends SectionName> = z.output<Sections[Name]>;

/** Sections whose resources name the account, in their keys or policies. */
export const ENCRYPTED: SectionName[] = [
  "logs",
  "backup",
  "cache",
  "application",
  "agent",
  "alarms",
  "dashboards",
  "record",
  "logArchive",
  "deployer",
  "provisioned",
];

/** Where a section needs another one, and why. */
export const NEEDS: { [Name in SectionName]?: { [Other in SectionName]?: string } } = {
  undo: { record: "that is where the release to go back to is" },
  rollback: { record: "that is where releases to go back to are" },
  backup: { database: "that is what is backed up", release: "a backup belongs to a release" },
  secrets: { application: "those are its secrets" },
  cache: { network: "the cache lives in a private network" },
  rehearsal: {
    backup: "the copy is restored from it",
    migration: "its files are rehearsed",
  },
  candidate: {
    application: "its variables are the candidate's",
    backup: "the copy is restored from it",
    migration: "the copy is brought to its newest file",
    release: "that is the version which is tried",
  },
  migration: { database: "that is what is migrated" },
  schema: { database: "that is what is looked at" },
  maintenance: { database: "that is what is maintained" },
  rows: { database: "that is what is looked at" },
  dashboards: { alarms: "panels are made from its rules" },
  probes: { alarms: "its topic for P1 is told" },
};

/** The section that makes what the application can be provided with. */
export const PROVIDERS: { [Name in Provided]: SectionName } = {
  databaseUrl: "database",
  readonlyDatabaseUrl: "database",
  cacheUrl: "cache",
  cacheHost: "cache",
  cachePort: "cache",
  cachePassword: "cache",
  backupBucket: "backup",
  backupKeyArn: "backup",
  siteUrl: "site",
  logGroup: "logs",
};
