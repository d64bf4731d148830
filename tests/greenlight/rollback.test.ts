// The commands around a release as an operator uses them, on a small system: sign, up, history, report, rollback, verify.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { history } from "../../greenlight/commands/history.ts";
import { preview } from "../../greenlight/commands/preview.ts";
import { record } from "../../greenlight/commands/record.ts";
import { report } from "../../greenlight/commands/report.ts";
import { rollback } from "../../greenlight/commands/rollback.ts";
import { sign } from "../../greenlight/commands/sign.ts";
import { verify } from "../../greenlight/commands/verify.ts";
import { deploy } from "../../greenlight/deployment.ts";
import { availableEngine, type Engine } from "../../greenlight/engine.ts";
import { projectRoot } from "../../local/services/layout.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { query } from "../checks/support/database.ts";
import { sharedServices } from "../support/services.ts";

const MINUTES = 60_000;
const name = `way-back-${process.pid % 10_000}`;
let folder = "";
let used: Engine;
let environment: { [name: string]: string };

const key = (person: string) => join(folder, ".keys", person);
const settings = (version: string, sections: { [name: string]: unknown }) => ({
  config: {
    "aws:region": "us-east-1",
    "greenlight:system": { name, awsAccountId: "123456789012", disposable: true },
    "greenlight:database": {
      adminUrl: "${GREENLIGHT_DATABASE_URL}",
      databaseName: name.replaceAll("-", "_"),
    },
    "greenlight:backup": { retentionDays: 30, rtoSeconds: 600 },
    "greenlight:migration": { directory: "migrations" },
    "greenlight:release": { version, contents: ["application"] },
    "greenlight:rollback": { triggers: [{ name: "data-lost", when: ["backup#data-equal"] }] },
    "greenlight:signOff": {
      before: [{ role: "Tech Lead" }],
      waiverRoles: ["Tech Lead"],
      signers: [{ person: "ana@example.com", key: publicKey(), roles: ["Tech Lead"] }],
    },
    "greenlight:record": { copies: "copies" },
    ...sections,
  },
});

function publicKey(): string {
  const [type, text] = readFileSync(`${key("ana")}.pub`, "utf8").split(" ");
  return `${type} ${text}`;
}

/** What the project holds at a version: each has a migration and a line of the application of its own. */
function write(version: string, migrations: { [file: string]: string }, sections = {}): void {
  const text = stringify({
    name,
    runtime: { name: "nodejs", options: { typescript: false } },
    main: "../../..",
  });
  const files: { [path: string]: string } = {
    "Pulumi.yaml": text,
    "Pulumi.local.yaml": `encryptionsalt: v1:7ey0yjfao2o=:v1:vtmlrwMcVqTuiPFG:DRwfIidQCKyEkWzWyg30lg3m4Wl9zw==\n${stringify(settings(version, sections))}`,
    "application/main.txt": `version ${version}`,
    "checklist.yaml": stringify({
      title: "Way back",
      boxes: [
        { id: "1", line: 1, item: "approved", signoff: "Tech Lead" },
        { id: "2", line: 2, item: "prepared", proof: "rollback#prepared" },
        { id: "3", line: 3, item: "later", waived: "no pager yet" },
      ],
    }),
    ...Object.fromEntries(Object.entries(migrations).map(([file, sql]) => [`migrations/${file}`, sql])),
  };
  rmSync(join(folder, "migrations"), { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

const one = {
  "0001_a.sql": "create table a (id int); insert into a values (1), (2)",
  "0001_a.down.sql": "drop table a",
};
const two = {
  ...one,
  "0002_b.sql": "create table b (id int); insert into b values (1), (2)",
  "0002_b.down.sql": "drop table b",
};
const up = () =>
  deploy({
    engine: used,
    directory: folder,
    stack: "local",
    environment,
    retry: "pulumi up",
    onPreview: () => {},
    onPlanned: () => {},
    onUpdate: () => {},
  });
const here = ["--stack", "local", "--cwd"];
const signed = (...more: string[]) =>
  run(sign, [...here, folder, "--role", "Tech Lead", "--key", key("ana"), ...more]);

/** A command's exit code and what it wrote. */
async function run(command: typeof sign, args: string[]): Promise<{ code: number; text: string }> {
  let text = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  // With --json what people read goes there.
  const beside = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    return { code: await command.run(args), text };
  } finally {
    spy.mockRestore();
    beside.mockRestore();
  }
}

const database = name.replaceAll("-", "_");
const live = () => environment.GREENLIGHT_DATABASE_URL?.replace(/\/postgres\?/, `/${database}?`) ?? "";
const tables = () =>
  query(
    live(),
    "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname in ('a', 'b') order by 1",
  );

beforeAll(async () => {
  environment = servicesEnvironment(await sharedServices());
  Object.assign(process.env, environment);
  used = await availableEngine();
  mkdirSync(join(projectRoot, ".greenlight"), { recursive: true });
  folder = mkdtempSync(join(projectRoot, ".greenlight", "way-back-")).replace(/$/, "/system");
  mkdirSync(join(folder, ".keys"), { recursive: true });
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key("ana")]);
  write("1.0.0", one);
}, 5 * MINUTES);

afterAll(async () => {
  const stack = await LocalWorkspace.selectStack(
    { stackName: "local", workDir: folder },
    { pulumiCommand: used.command, envVars: environment },
  );
  await stack.destroy();
  rmSync(join(folder, ".."), { recursive: true });
  for (const left of ["reports", "rollback"])
    rmSync(join(projectRoot, ".greenlight", left, name), { recursive: true, force: true });
}, 5 * MINUTES);

describe("a release and the way back", { timeout: 5 * MINUTES }, () => {
  it("changes nothing before the gate is open, and says how to open it", async () => {
    const shut = await up();
    expect(shut.errors.join("\n")).toContain('ana@example.com can: greenlight sign --role "Tech Lead"');
    expect(shut.steps.filter(({ result }) => result !== "notRun").map((step) => step.name)).toEqual([
      "sign-off",
    ]);
    expect(Object.keys(shut.changes)).not.toContain("update");
  });

  it("tells a checklist that nobody can read before it begins", async () => {
    const file = join(folder, "checklist.yaml");
    const good = readFileSync(file, "utf8");
    writeFileSync(file, "title: a\ntitle: b\n");
    await expect(up()).rejects.toThrow(/checklist\.yaml:2: Map keys must be unique/);
    const { code, text } = await run(preview, [...here, folder]);
    expect(code).toBe(1);
    expect(text).toMatch(/checklist\.yaml:2: Map keys must be unique/);
    // In the program's words, not with the call of the engine and all that it printed.
    await expect(signed()).rejects.toThrow(
      /^nothing is signed: (?!.*Command failed).*checklist\.yaml:2: Map keys/s,
    );
    writeFileSync(file, good);
  });

  it("goes out with a signature on exactly what is deployed, and with a box that is waived", async () => {
    expect((await signed()).text).toContain("ana@example.com (Tech Lead): go for");
    await signed("--waive", "3", "--reason", "pager comes in May", "--expires", "2999-01-01");
    const first = await up();
    expect(first.errors).toEqual([]);
    expect(first.checklist?.boxes.map(({ verdict }) => verdict)).toEqual(["signed", "proven", "waived"]);
    expect(await tables()).toEqual([["a"]]);
  });

  it("is refused by its preview where a way down leaves something, with the file and what to do", async () => {
    const rehearsed = { "greenlight:rehearsal": {} };
    write("2.0.0", { ...two, "0002_b.down.sql": "delete from b" }, rehearsed);
    const asked = [...here, folder, "--format", "json"];
    const { code, text } = await run(preview, asked);
    expect(JSON.parse(text).errors.join()).toContain(
      "0002_b.down.sql: leaves the table b, want the schema as it was before 0002_b.sql; take back there what 0002_b.sql does",
    );
    expect(code).toBe(1);
    write("2.0.0", two, rehearsed);
    const good = await run(preview, asked);
    expect(good.code, good.text).toBe(0);
    expect(good.text).toContain("tried on a copy of the schema: 1 files up, down and up leave it as it was");
    expect(await tables()).toEqual([["a"]]);
  });

  it("is shut again for the next release, whose signature opens it", async () => {
    write("2.0.0", two);
    expect((await up()).errors.join()).toContain("want 1 signed go as Tech Lead");
    // What the release before proved is no evidence of this one, which did not come so far.
    const asItIs = JSON.parse((await run(report, [...here, folder, "--format", "json"])).text);
    expect(asItIs.checklist.boxes.map((box: { verdict: string }) => box.verdict)).toEqual([
      ...["open", "open", "waived"],
    ]);
    await expect(run(record, [...here, folder])).rejects.toThrow(
      /its last update is on record as records\/\S+, want a later one; there is nothing to add/,
    );
    await signed();
    expect((await up()).errors).toEqual([]);
    expect(await tables()).toEqual([["a"], ["b"]]);
    const { text } = await run(history, [...here, folder]);
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => line.split(/\s+/).slice(1, 3).join(" ")),
    ).toEqual(["2.0.0 passed", "2.0.0 failed", "1.0.0 passed"]);
  });

  it("writes the report of the stack as it stands", async () => {
    const output = join(folder, "..", "report");
    await run(report, [...here, folder, "--output", output]);
    const written = JSON.parse(readFileSync(join(output, "report.json"), "utf8"));
    expect(written).toMatchObject({ system: name, release: "2.0.0", checklist: { counts: { signed: 1 } } });
    // From the records of the two releases.
    expect(written.differences).toMatchObject({
      since: { release: "1.0.0" },
      settings: [{ name: "greenlight:release.version", from: "1.0.0", to: "2.0.0" }],
      migrations: [{ name: "0002 b", from: null }],
    });
    expect(written.wayBack.target.release).toBe("1.0.0");
    expect(written.wayBack.lost[0]).toContain("the preview counts the rows");
    expect(written.signOffs.signed).toContainEqual(
      expect.objectContaining({ person: "ana@example.com", role: "Tech Lead", decision: "go" }),
    );
  });

  it("shows its plan first and touches nothing", async () => {
    const { code, text } = await run(rollback, [...here, folder, "--preview"]);
    expect(code).toBe(0);
    expect(text).toContain("undoes 2.0.0");
    expect(text).toContain("reversal: runs 0002_b.down.sql");
    expect(text).toContain("reversal: loses 2 rows of b");
    expect(await tables()).toEqual([["a"], ["b"]]);
  });

  it("comes back to the recorded release, proven against its record, without a new signature", async () => {
    const { code, text } = await run(rollback, [...here, folder, "--yes", "--json"]);
    const last = JSON.parse(text.trim().split("\n").at(-1) ?? "");
    expect(last.errors).toEqual([]);
    expect(code).toBe(0);
    expect(await tables()).toEqual([["a"]]);
    // The signatures of the release that is returned to count on, by its record.
    const [approved] = last.checklist.boxes;
    expect(approved).toMatchObject({ verdict: "signed", because: expect.stringContaining("by records/") });
    const recorded = last.steps.find((step: { name: string }) => step.name === "record");
    const results = Object.fromEntries(
      recorded.observations.map((o: { id: string; result: string }) => [o.id, o.result]),
    );
    expect(results).toMatchObject({
      "schema-restored": "passed",
      "release-restored": "passed",
      "rollback-time": "passed",
    });
    const [newest] = JSON.parse((await run(history, [...here, folder, "--json"])).text);
    expect(newest).toMatchObject({
      release: "1.0.0",
      rollback: { undoes: expect.stringContaining("records/") },
    });
    const over = JSON.parse((await run(report, ["--history", ...here, folder, "--json"])).text);
    expect(over.releases.map((one: { kind: string }) => one.kind)).toEqual([
      ...["deployment", "stopped", "deployment", "rollback"],
    ]);
    expect(over.dora).toMatchObject({
      deployments: 2,
      changeFailure: { failed: 1, rate: 0.5 },
      restore: { ended: 1 },
    });
  });

  it("goes back to the backup where a migration has no way down: refused first, then beside the live database", async () => {
    write("3.0.0", {
      ...one,
      "0002_c.sql": "insert into a values (3); delete from a where id = 1; create table c (id int)",
    });
    await signed();
    expect((await up()).errors).toEqual([]);
    await query(live(), "insert into a values (4), (5); insert into c values (1)");

    await expect(run(rollback, [...here, folder, "--yes"])).rejects.toThrow(
      /^nothing was touched: .*0002_c.sql: has no down file; add 0002_c.down.sql, or restore the backup/s,
    );
    const rows = "select id from a order by 1";
    expect(await query(live(), rows)).toEqual([[2], [3], [4], [5]]);

    const { code, text } = await run(rollback, [...here, folder, "--yes", "--restore-database"]);
    expect(code, text).toBe(0);
    // What is lost is said before anything is touched.
    const [planned = ""] = text.split("\nup\n");
    expect(planned).toContain("public.a: 4 rows now, 2 in the backup");
    expect(planned).toContain("public.c: 1 rows now, 0 in the backup");
    expect(await query(live(), rows)).toEqual([[1], [2]]);
    expect(await tables()).toEqual([["a"]]);
    const [kept] = await query(
      live(),
      `select datname from pg_database where starts_with(datname, '${database}_replaced_')`,
    );
    expect(await query(live().replace(`/${database}?`, `/${String(kept?.[0])}?`), rows)).toEqual([
      [2],
      [3],
      [4],
      [5],
    ]);
    await query(live(), `drop database ${String(kept?.[0])}`);
  });

  it("can be verified offline, and a changed record or signature is named", async () => {
    const copies = join(folder, "copies", name, "local");
    expect((await run(verify, [copies])).text).toMatch(/^6 records, \d+ signatures: all hold/);
    const [first = ""] = readdirSync(copies).sort();
    const text = readFileSync(join(copies, first), "utf8");
    writeFileSync(join(copies, first), text.replace('"1.0.0"', '"1.0.1"'));
    const broken = await run(verify, [copies]);
    expect(broken.code).toBe(1);
    expect(broken.text).toMatch(
      new RegExp(`^first broken link: \\S*${first}: was changed after it was written`),
    );
  });
});
