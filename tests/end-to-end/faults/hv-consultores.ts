// Ways in which HV-Consultores can be wrong.
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { type BackupReport, newestReport, storeReport } from "../../../checks/scheduled-backup/reports.ts";
import { start } from "../../../examples/hv-consultores/application/main.ts";
import {
  alarmChanged,
  alarmDeleted,
  retentionChanged,
  subscribed,
  unsubscribed,
} from "../support/aws-faults.ts";
import { retentionRemoved } from "../support/bucket-faults.ts";
import type { Fault, FaultList } from "../support/fault.ts";
import type { FaultySystem } from "../support/faulty-system.ts";
import { added, edited, logged } from "../support/file-faults.ts";
import { unsigned } from "../support/sign-off-faults.ts";
import { altered, misset, switched, together } from "../support/switches.ts";

const texts = z.record(z.string(), z.string());

/** The value of one of the application's secrets. */
function secretOf(system: FaultySystem): string {
  const { ENCRYPTION_KEY } = texts.parse(system.inputsOf("preflight").environment);
  return ENCRYPTION_KEY ?? "";
}

/** The newest report of the backups' plan says something else. */
function lastBackup(change: (report: BackupReport) => BackupReport): Fault["apply"] {
  return async (system) => {
    const { bucket, database } = texts.parse(
      Object.fromEntries(
        Object.entries(system.inputsOf("scheduled-backup")).filter(([, value]) => typeof value === "string"),
      ),
    );
    const place = { bucket: bucket ?? "", database: database ?? "" };
    const s3 = new S3Client({});
    const signal = AbortSignal.timeout(60_000);
    const was = await newestReport(s3, place, signal);
    if (!was) throw new Error(`backups of "${database}": no report`);
    // Under its own name, so that it stays the newest.
    const put = (report: BackupReport) =>
      storeReport(s3, place, { ...report, startedAt: was.startedAt }, signal);
    await put(change(was));
    return () => put(was);
  };
}

/** A group of people cannot be reached. @param address end of where it is told */
function deaf(address: string): Fault["apply"] {
  return async (system) =>
    system.settings("announcement", ({ notices, ...inputs }) => ({
      ...inputs,
      notices: JSON.parse(JSON.stringify(notices).replaceAll(address, "/nowhere")),
      deliverySeconds: 3, // what it looks for does not come
    }));
}

/** The application runs with these switches on; what is seen of it is kept apart from the samples of the release. */
function watchedWith(...switches: string[]): Fault["apply"] {
  return async (system) => {
    const apart = system.settings("observation", ({ bucket: _bucket, ...inputs }) => ({
      ...inputs,
      directory: join(system.scratch, "samples"),
    }));
    const undo = await switched(...switches)(system);
    return async () => {
      await undo();
      await apart();
    };
  };
}

/** What does not arrive is not waited for as long as in production. */
function soon(apply: Fault["apply"]): Fault["apply"] {
  return async (system) => {
    const wait = system.settings("alarms", (inputs) => ({ ...inputs, deliverySeconds: 5 }));
    const undo = await apply(system);
    return async () => {
      await undo();
      await wait();
    };
  };
}

/** The vault holds another value than the one that the application was started with. */
function vaultChanged(variable: string, value: string): Fault["apply"] {
  return async (system) => {
    const client = new SecretsManagerClient({});
    const SecretId = system.deployed.addresses.applicationSecret ?? "";
    const { SecretString = "{}" } = await client.send(new GetSecretValueCommand({ SecretId }));
    const changed = JSON.stringify({ ...texts.parse(JSON.parse(SecretString)), [variable]: value });
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: changed }));
    return () => client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  };
}

export const list: FaultList = {
  system: "hv-consultores",
  start,
  faults: [
    {
      name: "rate-limit-word",
      wrong: "the limit of requests is a word and no number",
      steps: ["preflight"],
      boxes: ["000-020"],
      apply: misset("preflight", "environment", (was) => ({
        ...(was as object),
        RATE_LIMIT_REQUESTS_PER_MINUTE: "plenty",
      })),
    },
    {
      name: "redis-address",
      wrong: "Redis is looked for where none is",
      steps: ["preflight"],
      boxes: ["000-050"],
      apply: misset("preflight", "redis", (was) => ({ ...(was as object), url: "rediss://127.0.0.1:9" })),
    },
    {
      name: "index-missing",
      wrong: "the index of the jobs' states is missing",
      steps: ["schema"],
      boxes: ["000-048"],
      apply: altered(
        "DROP INDEX idx_queue_jobs_estado",
        "SET ROLE hv_consultores_owner; CREATE INDEX idx_queue_jobs_estado ON queue_jobs (estado)",
      ),
    },
    {
      name: "index-other",
      wrong: "the index of due jobs is of another column",
      steps: ["schema"],
      boxes: ["000-048"],
      apply: altered(
        "DROP INDEX idx_queue_jobs_proxima; CREATE INDEX idx_queue_jobs_proxima ON queue_jobs (tipo)",
        "DROP INDEX idx_queue_jobs_proxima; SET ROLE hv_consultores_owner; CREATE INDEX idx_queue_jobs_proxima ON queue_jobs (proxima_tentativa)",
      ),
    },
    {
      name: "index-invalid",
      wrong: "the index of the jobs' creation is there and invalid",
      steps: ["schema"],
      boxes: ["000-048"],
      apply: altered(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_queue_jobs_creado'::regclass",
        "UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'idx_queue_jobs_creado'::regclass",
      ),
    },
    {
      name: "policies-off-jobs",
      wrong: "row-level security of the jobs is switched off",
      steps: ["schema"],
      boxes: ["000-033", "000-188", "000-190"],
      apply: altered(
        "ALTER TABLE queue_jobs DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE queue_jobs ENABLE ROW LEVEL SECURITY",
      ),
    },
    {
      name: "policies-off-people",
      wrong: "row-level security of the people is switched off",
      steps: ["schema"],
      boxes: ["000-188", "000-190"],
      apply: altered(
        "ALTER TABLE usuarios DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE usuarios ENABLE ROW LEVEL SECURITY",
      ),
    },
    {
      name: "policy-open-jobs",
      wrong: "a policy lets everybody read and change all jobs",
      steps: ["schema"],
      boxes: ["000-033", "000-190"],
      apply: altered(
        "CREATE POLICY everybody ON queue_jobs USING (true) WITH CHECK (true)",
        "DROP POLICY everybody ON queue_jobs",
      ),
    },
    {
      name: "policy-change-jobs",
      wrong: "a policy lets everybody change jobs that they do not see",
      steps: ["schema"],
      boxes: ["000-033", "000-190"],
      apply: altered(
        "CREATE POLICY everybody ON queue_jobs FOR UPDATE USING (true)",
        "DROP POLICY everybody ON queue_jobs",
      ),
    },
    {
      name: "policy-open-documents",
      wrong: "a policy lets everybody read all documents",
      steps: ["schema"],
      boxes: ["000-190"],
      apply: altered(
        "CREATE POLICY everybody ON documentos FOR SELECT USING (true)",
        "DROP POLICY everybody ON documentos",
      ),
    },
    {
      name: "policy-open-notifications",
      wrong: "a policy lets everybody read all notifications",
      steps: ["schema"],
      boxes: ["000-190"],
      apply: altered(
        "CREATE POLICY everybody ON notifications FOR SELECT USING (true)",
        "DROP POLICY everybody ON notifications",
      ),
    },
    {
      name: "policy-open-rules",
      wrong: "a policy lets everybody read all rules",
      steps: ["schema"],
      boxes: ["000-190"],
      apply: altered(
        "CREATE POLICY everybody ON automation_rules FOR SELECT USING (true)",
        "DROP POLICY everybody ON automation_rules",
      ),
    },
    {
      name: "flag-off",
      wrong: "the flag of the scheduler is off",
      steps: ["rows"],
      boxes: ["000-177"],
      apply: altered(
        "UPDATE feature_flags SET enabled = false WHERE name = 'scheduler'",
        "UPDATE feature_flags SET enabled = true WHERE name = 'scheduler'",
      ),
    },
    {
      name: "rate-limit-off",
      wrong: "nobody is limited in the number of requests",
      steps: ["security"],
      boxes: ["000-027"],
      apply: switched("rate-limit-off"),
    },
    {
      name: "cors-open",
      wrong: "browsers may call from every origin",
      steps: ["security"],
      boxes: ["000-028"],
      apply: switched("cors-open"),
    },
    {
      name: "cors-closed",
      wrong: "browsers may call from no origin",
      steps: ["security"],
      boxes: ["000-028"],
      apply: switched("cors-closed"),
    },
    {
      name: "auth-off",
      wrong: "requests without a token are served",
      steps: ["security"],
      boxes: ["000-029", "000-188", "000-189"],
      apply: switched("auth-off"),
    },
    {
      name: "validation-off",
      wrong: "bodies are not judged before they are used",
      steps: ["security"],
      boxes: ["000-030"],
      apply: switched("validation-off"),
    },
    {
      name: "no-hsts",
      wrong: "answers do not bind browsers to https",
      steps: ["security"],
      boxes: ["000-042", "000-188"],
      apply: switched("no-hsts"),
    },
    {
      name: "no-csp",
      wrong: "answers do not say what a page may load",
      steps: ["security"],
      boxes: ["000-043", "000-188"],
      apply: switched("no-csp"),
    },
    {
      name: "health",
      wrong: "the application says that it is ill",
      steps: ["health"],
      boxes: ["000-185"],
      apply: switched("health"),
    },
    {
      name: "unavailable",
      wrong: "after the release the application says that it is ill",
      steps: ["observation"],
      boxes: ["000-110", "000-111", "000-174", "000-192"],
      apply: watchedWith("health"),
    },
    {
      name: "slow",
      wrong: "every answer takes 2.5 s longer",
      steps: ["latency"],
      boxes: ["000-157", "000-180"],
      apply: switched("slow"),
    },
    {
      name: "metrics-missing",
      wrong: "two families of metrics are missing",
      steps: ["metrics"],
      boxes: ["000-192"],
      apply: switched("metrics-missing"),
    },
    {
      name: "log-error",
      wrong: "an error stands in the log",
      steps: ["logs"],
      boxes: ["000-184"],
      apply: logged("application", "{time} | ERROR | queue | Processing failed {}"),
    },
    {
      name: "log-debug",
      wrong: "lines for developers stand in the log",
      steps: ["logs"],
      boxes: ["000-054"],
      apply: logged("application", "{time} | DEBUG | queue | Looking for jobs {}"),
    },
    {
      name: "log-format",
      wrong: "a line of the log has no fields",
      steps: ["logs"],
      boxes: ["000-056"],
      apply: logged("application", "queue processing started"),
    },
    {
      name: "log-secret",
      wrong: "the value of a secret stands in the log",
      steps: ["logs"],
      boxes: ["000-188", "000-191"],
      apply: logged("application", (system) => `{time} | INFO | main | key ${secretOf(system)} {}`),
    },
    {
      name: "retention-short",
      wrong: "collected logs are kept for a week",
      steps: ["logs"],
      boxes: ["000-086"],
      apply: retentionChanged("/hv-consultores/application", 30, 7),
    },
    {
      name: "alarm-higher",
      wrong: "the alarm of the queue rings at ten times as many jobs",
      steps: ["alarms"],
      boxes: ["000-072", "000-073"],
      apply: alarmChanged("queue-size", { Threshold: 10_000 }),
    },
    {
      name: "alarm-slower",
      wrong: "the alarm of failed jobs waits for an hour",
      steps: ["alarms"],
      boxes: ["000-072", "000-074"],
      apply: alarmChanged("job-failures", { Period: 3600 }),
    },
    {
      name: "alarm-later",
      wrong: "the alarm of the memory rings when it is nearly full",
      steps: ["alarms"],
      boxes: ["000-072", "000-078"],
      apply: alarmChanged("memory", { Threshold: 95 }),
    },
    {
      name: "alarm-deleted",
      wrong: "the alarm of the database's errors is gone",
      steps: ["alarms"],
      boxes: ["000-072", "000-077", "000-193"],
      apply: soon(alarmDeleted("database-errors")),
    },
    {
      name: "alarm-silent",
      wrong: "the alarm of the disk tells nobody",
      steps: ["alarms"],
      boxes: ["000-072", "000-079", "000-080", "000-081", "000-082", "000-083", "000-193"],
      apply: soon(alarmChanged("disk-free", { AlarmActions: [], OKActions: [] })),
    },
    {
      name: "mail-unsubscribed",
      wrong: "the operations team gets no mail of alarms",
      steps: ["alarms"],
      boxes: ["000-080", "000-081"],
      apply: soon(unsubscribed("/relay/mail/ops@hv-consultores.com")),
    },
    {
      name: "slack-unsubscribed",
      wrong: "the channel in Slack gets no alarms",
      steps: ["alarms"],
      boxes: ["000-080", "000-082"],
      apply: soon(unsubscribed("/relay/slack/alerts")),
    },
    {
      name: "pager-unsubscribed",
      wrong: "the pager gets no alarms",
      steps: ["alarms"],
      boxes: ["000-080", "000-083"],
      apply: soon(unsubscribed("/hooks/pagerduty")),
    },
    {
      name: "pager-of-all",
      wrong: "the pager rings for alarms that are not critical, too",
      steps: ["alarms"],
      boxes: ["000-080", "000-083"],
      apply: soon(
        subscribed(/-p2\b/, ({ environment }) => `${environment.GREENLIGHT_SINK_URL}/hooks/pagerduty`),
      ),
    },
    {
      name: "plan-changed",
      wrong: "the backups' plan is another one than the stack's",
      steps: ["scheduled-backup"],
      boxes: ["000-087", "000-089"],
      apply: misset("scheduled-backup", "cron", () => "0 4 * * *"),
    },
    {
      name: "backup-failed",
      wrong: "the last backup of the plan failed",
      steps: ["scheduled-backup"],
      boxes: ["000-087"],
      apply: lastBackup((report) => ({ ...report, result: "failed" })),
    },
    {
      name: "backup-old",
      wrong: "the newest backup of the plan is two days old",
      steps: ["scheduled-backup"],
      boxes: ["000-087"],
      apply: lastBackup((report) => ({
        ...report,
        finishedAt: new Date(Date.now() - 48 * 3_600_000).toISOString(),
      })),
    },
    {
      name: "restore-differs",
      wrong: "the last backup of the plan was restored with other rows",
      steps: ["scheduled-backup"],
      boxes: ["000-089"],
      apply: lastBackup(({ observations, ...report }) => ({
        ...report,
        observations: observations.map((one) =>
          one.id === "data-equal" ? { ...one, result: "failed" } : one,
        ),
      })),
    },
    {
      name: "file-of-variables",
      wrong: "a file with production's variables stands beside the code",
      steps: ["build"],
      boxes: ["000-020"],
      apply: added(".env.production", "NODE_ENV=production\n"),
    },
    {
      name: "secret-in-file",
      wrong: "a secret's value stands in a file",
      steps: ["build"],
      boxes: ["000-010", "000-020", "000-032", "000-034", "000-188", "000-191"],
      apply: added("notes.md", (system) => `the key is ${secretOf(system)}\n`),
    },
    {
      name: "recovery-undocumented",
      wrong: "the recovery document says nothing of the time that it takes",
      steps: ["documents"],
      boxes: ["000-091"],
      apply: edited("docs/recovery.md", "(RTO)", ""),
    },
    {
      name: "recovery-half",
      wrong: "the recovery document has no words on restoring the database",
      steps: ["documents"],
      boxes: ["000-091"],
      apply: edited("docs/recovery.md", "## Restoring the database", "## Notes"),
    },
    {
      name: "secret-not-taken-over",
      wrong: "the vault holds another signing key than the application uses",
      steps: ["secrets"],
      boxes: ["000-021", "000-026", "000-036", "000-191"],
      apply: vaultChanged("JWT_SECRET", "another-signing-key-of-forty-eight-characters-00"),
    },
    {
      name: "support-deaf",
      wrong: "the support team's receiver takes no message",
      steps: ["announcement"],
      boxes: ["000-095", "000-097", "000-171"],
      apply: deaf("/hooks/support"),
    },
    {
      name: "signature-missing",
      wrong: "the tester's signature is missing",
      steps: ["sign-off"],
      boxes: ["000-165"],
      apply: unsigned("sign-off", "tester"),
    },
    {
      name: "image-large",
      wrong: "an image of a megabyte is on the site",
      steps: ["site"],
      boxes: ["000-047"],
      apply: added("site/assets/photo.0badc0de.png", "x".repeat(1_000_000)),
    },
    {
      name: "site-large",
      wrong: "the site is larger than 5 MB",
      steps: ["site"],
      boxes: ["000-045"],
      apply: added("site/assets/film.0badc0de.mp4", "x".repeat(5_100_000)),
    },
    {
      name: "backups-for-ever",
      wrong: "the rule by which backups expire is gone",
      steps: ["backup"],
      boxes: ["000-087"],
      apply: retentionRemoved,
    },
    {
      name: "candidate-batches",
      wrong: "the version to be released has wrong results of batches",
      steps: ["candidate"],
      boxes: ["000-016", "000-093", "000-104"],
      apply: misset("candidate", "environment", (was) => ({
        ...(was as object),
        FAULTS: "batch-results",
      })),
    },
    {
      name: "mail",
      wrong: "mails are refused",
      steps: ["smoke"],
      boxes: [
        "000-024",
        "000-025",
        "000-058",
        "000-061",
        "000-062",
        "000-115",
        "000-116",
        "000-117",
        "000-118",
        "000-135",
        "000-136",
        "000-137",
        "000-138",
        "000-173",
        "000-177",
        "000-179",
        "000-186",
      ],
      ...together("mail", "smoke#services-mail-arrived"),
    },
    {
      name: "rules-history",
      wrong: "rules run and leave no history",
      steps: ["smoke"],
      boxes: ["000-124", "000-127", "000-129", "000-173", "000-177", "000-179"],
      ...together("rules-history", "smoke#automation-history"),
    },
  ],
};
