// Backups by a plan: where the bucket takes no report, what one that failed leaves for the next, and how long one may take.
import { expect, it, onTestFinished, vi } from "vitest";
import { type BackupPlan, runScheduledBackups } from "../../agent/scheduled-backup.ts";
import { step } from "../../checks/backup.ts";
import { withServer } from "../checks/support/http-server.ts";
import { stubAws } from "../support/aws.ts";

const backup = {
  databaseUrl: "postgres://nobody@127.0.0.1:9/orders",
  bucket: "backups",
  release: "scheduled",
  retentionDays: 1,
  rtoSeconds: 60,
};

/** What is told, until a report was refused. */
async function toldWith(once: boolean, change: Partial<BackupPlan> = {}): Promise<string[]> {
  const told: string[] = [];
  const ending = new AbortController();
  await withServer(
    ({ method }, response) => {
      response.writeHead(method === "PUT" ? 403 : 200);
      response.end(
        method === "PUT"
          ? "<Error><Code>AccessDenied</Code><Message>denied</Message></Error>"
          : "<ListBucketResult></ListBucketResult>",
      );
    },
    async (url) => {
      stubAws(url);
      const log = (line: string) => {
        told.push(line);
        if (line.startsWith("report")) ending.abort();
      };
      const plan = { cron: "0 2 * * *", backup, ...change };
      await runScheduledBackups(plan, { signal: ending.signal, once, log });
    },
  );
  return told;
}

it("goes on by its plan where the report of a run cannot be stored", async () => {
  const told = await toldWith(false);
  expect(told.at(-2)).toMatch(/^failed: /);
  expect(told.at(-1)).toBe("report not stored, tried again with the next backup in an hour: denied");
});

it("ends with the fault where it was to run once", async () => {
  await expect(toldWith(true)).rejects.toThrow("denied");
});

it("leaves the size that the next backup is compared with also where it fails", async () => {
  const kept = "scheduled/orders/2026-01-01T02-00-00-000Z.json";
  const last = {
    cron: "0 2 * * *",
    startedAt: "2026-01-01T02:00:00.000Z",
    finishedAt: "2026-01-01T02:01:00.000Z",
    result: "passed",
    problem: null,
    observations: [],
    facts: { sizeBytes: 1000 },
  };
  const reports: string[] = [];
  await withServer(
    ({ method, url = "" }, response, body) => {
      if (method === "PUT") reports.push(body);
      response.end(
        url.includes("list-type")
          ? `<ListBucketResult><Contents><Key>${kept}</Key></Contents></ListBucketResult>`
          : JSON.stringify(last),
      );
    },
    async (url) => {
      stubAws(url);
      const options = { signal: AbortSignal.timeout(60_000), once: true, log: () => undefined };
      await runScheduledBackups({ cron: "0 2 * * *", backup }, options);
    },
  );
  expect(JSON.parse(reports[0] ?? "")).toMatchObject({ result: "failed", facts: { trustedBytes: 1000 } });
});

it("gives a backup the time that the plan says", async () => {
  const run = vi
    .spyOn(step, "run")
    .mockImplementation(
      (_given, { signal }) =>
        new Promise((_done, fail) => signal.addEventListener("abort", () => fail(signal.reason))),
    );
  onTestFinished(() => run.mockRestore());
  const [told] = await toldWith(false, { deadlineSeconds: 1 });
  expect(told).toBe("failed: The operation was aborted due to timeout");
});
