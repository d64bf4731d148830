import { Queue as BullQueue } from "bullmq";
import { beforeAll, describe, expect, it } from "vitest";
import { step as migration } from "../../checks/migration.ts";
import { withPlaces } from "../../checks/quiesce/places.ts";
import { step as quiesce } from "../../checks/quiesce.ts";
import { connectRedis, openRedis } from "../../checks/redis-client.ts";
import { step as resume } from "../../checks/resume.ts";
import { step as schema } from "../../checks/schema.ts";
import { check, diff, execute } from "../../checks/step/host.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { newDatabase, query } from "./support/database.ts";
import { answer, withServer } from "./support/http-server.ts";
import { directoryOf } from "./support/migrations.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

let databaseUrl: string;
let redisUrl: string;
let redisCaFile: string;
const prefix = `quiesce-${process.pid}`;

beforeAll(async () => {
  const environment = servicesEnvironment(await sharedServices());
  redisUrl = environment.GREENLIGHT_REDIS_URL ?? "";
  redisCaFile = environment.GREENLIGHT_CA_FILE ?? "";
  databaseUrl = await newDatabase();
  await query(databaseUrl, "create table flags (name text primary key, enabled boolean not null)");
  await query(databaseUrl, "insert into flags values ('auto_sync', true), ('reports', false)");
  await query(databaseUrl, "create table jobs (id int, state text)");
});

const signal = AbortSignal.timeout(240_000);
const context = { name: "test", log: () => {}, signal, previous: undefined };
let stack = 0;
const shared = <More extends object>(more: More) => ({
  system: "orders",
  stack: `test-${stack}`,
  databaseUrl,
  everySeconds: 0.05,
  ...more,
});
const flag = (key: string, more = {}) => ({
  name: key.replace("_", "-"),
  table: { table: "flags", keyColumn: "name", key, column: "enabled" },
  off: "false",
  ...more,
});
const enabled = async (key: string) =>
  (await query(databaseUrl, `select enabled from flags where name = '${key}'`))[0]?.[0];
const quiet = <Given extends { everySeconds: number }>({ everySeconds: _, ...rest }: Given) => rest;

describe("the journal, written before the first migration", () => {
  const files = { "1_a.sql": "create table a ()", "2_b.sql": "create table b ()" };

  it("does not make an empty database one that existed before: every file is run, also with a baseline", async () => {
    const url = await newDatabase();
    await runStep(quiesce, { ...shared({ flags: [] }), databaseUrl: url });
    const given = { databaseUrl: url, directory: directoryOf(files), baseline: "1" };
    expect(await migration.plan?.(given, context)).toContainEqual(
      "2 of 2 files pending, the database is at no migration",
    );
    const { facts } = await runStep(migration, given);
    expect(facts).toMatchObject({ appliedCount: 2, adopted: [] });
    expect(await query(url, "select to_regclass('a')::text, to_regclass('b')::text")).toEqual([["a", "b"]]);
  });

  it("is no object that no migration made", async () => {
    const url = await newDatabase();
    const directory = directoryOf(files);
    await runStep(quiesce, { ...shared({ flags: [] }), databaseUrl: url });
    await runStep(migration, { databaseUrl: url, directory });
    const { observations } = await runStep(schema, { databaseUrl: url, fromMigrations: { directory } });
    expect(observations.filter(({ result }) => result !== "passed")).toEqual([]);
  });
});

describe("flags in a table", () => {
  it("are switched off with their values on record, and get them back", async () => {
    stack += 1;
    const given = shared({ flags: [flag("auto_sync"), flag("reports")] });
    const { seen, facts } = await runStep(quiesce, given);
    expect(seen("flag-auto-sync")).toMatchObject({ result: "passed", observed: "false, before true" });
    expect(seen("flag-reports").observed).toBe("false, before false");
    expect(facts.flags).toEqual({ "auto-sync": "true", reports: "false" });
    expect(await enabled("auto_sync")).toBe(false);
    const back = await runStep(resume, quiet(given));
    expect(back.seen("flag-auto-sync")).toMatchObject({ result: "passed", observed: "true" });
    expect([await enabled("auto_sync"), await enabled("reports")]).toEqual([true, false]);
  });

  it("keep the value of before when a run was killed half way and another one switches off again", async () => {
    stack += 1;
    const given = shared({ flags: [flag("auto_sync")] });
    await runStep(quiesce, given);
    const second = await runStep(quiesce, given);
    expect(second.seen("flag-auto-sync").observed).toBe("false, before true");
    await runStep(resume, quiet(given));
    expect(await enabled("auto_sync")).toBe(true);
  });

  it("are switched off, too, where the run that was killed half way did not know them yet", async () => {
    stack += 1;
    await query(databaseUrl, "insert into flags values ('imports', true)");
    await runStep(quiesce, shared({ flags: [flag("auto_sync")] }));
    const given = shared({ flags: [flag("auto_sync"), flag("imports")] });
    const { seen } = await runStep(quiesce, given);
    expect(seen("flag-imports")).toMatchObject({ result: "passed", observed: "false, before true" });
    await runStep(resume, quiet(given));
    expect([await enabled("auto_sync"), await enabled("imports")]).toEqual([true, true]);
  });

  it("get the value that is wanted afterwards, but not after a failure", async () => {
    stack += 1;
    const given = shared({ flags: [flag("reports", { after: "true" })] });
    await runStep(quiesce, given);
    await runStep(resume, { ...quiet(given), failed: true });
    expect(await enabled("reports")).toBe(false);
    await runStep(quiesce, given);
    await runStep(resume, quiet(given));
    expect(await enabled("reports")).toBe(true);
    await query(databaseUrl, "update flags set enabled = false where name = 'reports'");
  });

  it("do not apply before there is a table, and fail with more rows than one", async () => {
    stack += 1;
    const absent = {
      ...flag("x"),
      table: { table: "nowhere", keyColumn: "name", key: "x", column: "enabled" },
    };
    expect((await runStep(quiesce, shared({ flags: [absent] }))).seen("flag-x").result).toBe("notApplicable");
    await query(
      databaseUrl,
      "create table twice as select 'x' as name, true as enabled from generate_series(1, 2)",
    );
    const twice = { ...absent, table: { ...absent.table, table: "twice" } };
    stack += 1;
    await expect(runStep(quiesce, shared({ flags: [twice] }))).rejects.toThrow('flag "x": 2 rows, want 1');
  });
});

describe("the sessions of a step", () => {
  it("are opened again once they were lost, or could not be had", async () => {
    const given = {
      system: "orders",
      stack: "test",
      flags: [],
      queues: [],
      databaseUrl,
      redisUrl,
      redisCaFile,
    };
    await withPlaces(given, signal, async (places) => {
      const lost = await places.database();
      const id = await lost.query<{ pid: number }>("select pg_backend_pid() as pid");
      await query(databaseUrl, `select pg_terminate_backend(${id.rows[0]?.pid})`);
      await expect(lost.query("select 1")).rejects.toThrow();
      // The driver tells of the end a moment after the statement's own failure.
      await expect.poll(async () => (await places.database()) !== lost).toBe(true);
      expect((await (await places.database()).query("select 1 as one")).rows).toEqual([{ one: 1 }]);

      const gone = await places.redis();
      const killer = await openRedis(redisUrl, { caFile: redisCaFile, signal });
      await killer.send(["CLIENT", "KILL", "ID", String(await gone.send(["CLIENT", "ID"]))]);
      killer.close();
      await expect(gone.send(["PING"])).rejects.toThrow();
      expect(await (await places.redis()).send(["PING"])).toBe("PONG");
    });
  });
});

describe("flags elsewhere", () => {
  it("are keys of Redis, which are gone again where there were none, with the journal there too", async () => {
    stack += 1;
    const redis = await openRedis(redisUrl, { caFile: redisCaFile, signal });
    const key = `${prefix}:paused`;
    const given = {
      ...shared({ flags: [{ name: "worker", redis: { key }, off: "1" }] }),
      databaseUrl: undefined,
      redisUrl,
      redisCaFile,
    };
    const { seen } = await runStep(quiesce, given);
    expect(seen("flag-worker").observed).toBe("1, before not set");
    expect(await redis.send(["GET", key])).toBe("1");
    await runStep(resume, quiet(given));
    expect(await redis.send(["GET", key])).toBeNull();
    await redis.send(["DEL", `greenlight:quiesce:orders:test-${stack}`]);
    redis.close();
  });

  it("are set over HTTP and read back, and fail where the application only says so", async () => {
    let value = "on";
    let honest = true;
    await withServer(
      (request, response, body) => {
        if (request.method === "PUT" && honest) value = JSON.parse(body).value;
        answer(response, 200, { flag: { value } });
      },
      async (url) => {
        stack += 1;
        const http = { url, path: "$.flag.value", body: '{"value": "${value}"}' };
        const given = shared({ flags: [{ name: "mode", http, off: "quiet" }] });
        expect((await runStep(quiesce, given)).seen("flag-mode").observed).toBe("quiet, before on");
        await runStep(resume, quiet(given));
        expect(value).toBe("on");
        honest = false;
        expect((await runStep(quiesce, given)).seen("flag-mode")).toMatchObject({
          result: "failed",
          observed: "on, before on",
        });
      },
    );
  });
});

describe("a flag behind an address", () => {
  it("does not exist yet where nothing is found, and is never passed over where the application refuses", async () => {
    let status = 404;
    await withServer(
      (_request, response) => answer(response, status, { error: "no" }),
      async (url) => {
        const http = { url, path: "$.value", body: "{}" };
        const run = () => runStep(quiesce, shared({ flags: [{ name: "mode", http, off: "quiet" }] }));
        stack += 1;
        expect((await run()).seen("flag-mode").result).toBe("notApplicable");
        for (status of [401, 503]) {
          stack += 1;
          await expect(run()).rejects.toThrow(`answered ${status}, want 2xx with JSON, or 404`);
        }
      },
    );
  });
});

describe("a value with signs of its own", () => {
  it("comes back over HTTP as it was", async () => {
    const before = 'costs US$$ 5, says "so" \\ and\nends';
    let value = before;
    await withServer(
      (request, response, body) => {
        if (request.method === "PUT") value = JSON.parse(body).value;
        answer(response, 200, { value });
      },
      async (url) => {
        stack += 1;
        const http = { url, path: "$.value", body: '{"value": "${value}"}' };
        const given = shared({ flags: [{ name: "banner", http, off: "" }] });
        expect((await runStep(quiesce, given)).seen("flag-banner").result).toBe("passed");
        expect((await runStep(resume, quiet(given))).seen("flag-banner").result).toBe("passed");
        expect(value).toBe(before);
      },
    );
  });
});

describe("an address that lets one in by its parameters or its user", () => {
  it("is in no error", async () => {
    const seen: string[] = [];
    await withServer(
      (request, response) => answer(response, request.method === "GET" ? 200 : 403, { value: "on" }),
      async (url) => {
        const address = `${url.replace("//", "//ops:a-password@")}/flags/mode?token=a-secret-token`;
        const http = { url: address, path: "$.value", body: "{}" };
        stack += 1;
        const given = shared({ flags: [{ name: "mode", http, off: "quiet" }] });
        await runStep(quiesce, given).catch(({ message }: Error) => seen.push(message));
        expect(seen).toEqual([`flag "mode": PUT ${url}/flags/mode answered 403, want 2xx`]);
      },
    );
  });
});

describe("queues", () => {
  it("are waited for until nothing is in work, and fail at the deadline", async () => {
    stack += 1;
    await query(databaseUrl, "insert into jobs values (1, 'processing'), (2, 'pending')");
    const queues = [{ name: "jobs", sql: "select count(*) from jobs where state = 'processing'" }];
    const given = shared({ queues, drainSeconds: 1, everySeconds: 0.05 });
    const late = await runStep(quiesce, given);
    expect(late.seen("drained-jobs")).toMatchObject({ result: "failed" });
    // The drain as the report draws it: at each look what is still in work.
    expect(late.facts.charts).toMatchObject([
      { title: "In work in jobs", unit: "jobs", line: expect.any(Array) },
    ]);
    expect(JSON.stringify(late.facts.charts)).toMatch(/"line":\[\[[\d.]+,1\](,\[[\d.]+,1\])+\]/);
    const running = runStep(quiesce, { ...given, drainSeconds: 30 });
    await query(databaseUrl, "update jobs set state = 'done'");
    expect((await running).seen("drained-jobs")).toMatchObject({ result: "passed" });
  });

  it("do not apply before their table is there", async () => {
    stack += 1;
    const queues = [{ name: "later", sql: "select count(*) from jobs_of_a_later_release" }];
    const { seen } = await runStep(quiesce, shared({ queues, drainSeconds: 1 }));
    expect(seen("drained-later")).toMatchObject({
      result: "notApplicable",
      observed: "the queue's table does not exist yet",
    });
  });

  it("of BullMQ are paused and run again, unless somebody else had paused them", async () => {
    stack += 1;
    const queues = [{ name: "mail", bullmq: { queue: "mail", prefix } }];
    const given = shared({ queues, redisUrl, redisCaFile });
    const connection = await connectRedis(redisUrl, { caFile: redisCaFile, signal });
    const bull = new BullQueue("mail", { prefix, connection, streams: { events: { maxLen: 50 } } });
    try {
      await bull.add("welcome", {});
      const { seen } = await runStep(quiesce, given);
      // What the application keeps there is left as it is.
      expect(await bull.getMeta()).toMatchObject({ maxLenEvents: 50 });
      expect(seen("paused-mail").result).toBe("passed");
      expect(seen("drained-mail").observed).toMatch(/^0 in work/);
      expect(await bull.isPaused()).toBe(true);
      expect((await runStep(resume, quiet(given))).seen("running-mail").result).toBe("passed");
      expect(await bull.isPaused()).toBe(false);
      await bull.pause();
      await runStep(quiesce, given);
      await runStep(resume, quiet(given));
      expect(await bull.isPaused()).toBe(true);
    } finally {
      await bull.obliterate({ force: true });
      await bull.close();
      connection.destroy();
    }
  });
});

describe("a BullMQ queue of which Redis knows nothing", () => {
  it("does not apply, as before the first release: it is paused and empty whatever the right one's name is", async () => {
    stack += 1;
    const queues = [{ name: "mail", bullmq: { queue: "mial", prefix } }];
    const given = shared({ queues, redisUrl, redisCaFile });
    const { seen } = await runStep(quiesce, given);
    expect((await runStep(resume, quiet(given))).seen("running-mail").result).toBe("notApplicable");
    for (const id of ["paused-mail", "drained-mail"])
      expect(seen(id)).toMatchObject({ result: "notApplicable", observed: "the queue does not exist yet" });
    const redis = await openRedis(redisUrl, { caFile: redisCaFile, signal });
    const left = await redis.send(["KEYS", `${prefix}:mial:*`]);
    redis.close();
    expect(left).toEqual([]);
  });
});

describe("a flag that cannot be put back", () => {
  it("leaves no other one off, and is put back by the next run", async () => {
    stack += 1;
    let down = false;
    let value = "on";
    await withServer(
      (request, response, body) => {
        if (down) return answer(response, 503, { error: "starting" });
        if (request.method === "PUT") value = JSON.parse(body).value;
        answer(response, 200, { value });
      },
      async (url) => {
        const http = { url, path: "$.value", body: '{"value": "${value}"}' };
        const given = shared({ flags: [{ name: "workers", http, off: "off" }, flag("auto_sync")] });
        await runStep(quiesce, given);
        expect([value, await enabled("auto_sync")]).toEqual(["off", false]);
        down = true;
        const { seen, facts } = await runStep(resume, quiet(given));
        expect(seen("flag-workers")).toMatchObject({
          result: "failed",
          observed: expect.stringContaining("answered 503"),
        });
        expect(seen("flag-auto-sync")).toMatchObject({ result: "passed", observed: "true" });
        expect(facts.state).toBe("quiesced");
        down = false;
        expect((await runStep(resume, quiet(given))).facts.state).toBe("resumed");
        expect([value, await enabled("auto_sync")]).toEqual(["on", true]);
      },
    );
  });
});

describe("a later step that fails", () => {
  const failing = (check: object) => ({
    kind: "health",
    name: "health",
    targets: [{ name: "app", url: "http://127.0.0.1:1/" }],
    withinSeconds: 1,
    onFailure: [check],
  });

  it("switches everything on again, says so, and makes the next run switch off again", async () => {
    stack += 1;
    const given = shared({ flags: [flag("auto_sync")] });
    const raw = { kind: "quiesce", name: "quiesce", ...given };
    await check(raw);
    const { outs } = await execute(raw, undefined, undefined);
    expect(await diff({ ...outs }, raw)).toEqual({ changes: false });
    const onFailure = { kind: "resume", inputs: { ...quiet(given), failed: true } };
    await expect(execute(failing(onFailure), undefined, undefined)).rejects.toThrow(
      /app: 0 good answers.*\nresume: flag-auto-sync true$/s,
    );
    expect(await enabled("auto_sync")).toBe(true);
    expect(await diff({ ...outs }, raw)).toEqual({ changes: true });
    // Nor is it taken for off where the journal cannot be asked.
    const away = { ...raw, databaseUrl: databaseUrl.replace(/:\d+\//, ":1/") };
    expect(await diff({ ...outs }, away)).toEqual({ changes: true });
    // Nothing is off any more: another failure has nothing to put back and says nothing of it.
    await expect(execute(failing(onFailure), undefined, undefined)).rejects.toThrow(/^(?!.*resume)/s);
  });

  it("says that what was switched off is still off when that cannot be put back", async () => {
    const onFailure = {
      kind: "resume",
      inputs: {
        ...quiet(shared({ flags: [flag("auto_sync")] })),
        databaseUrl: "postgresql://u:secret-word@127.0.0.1:1/d",
      },
    };
    const run = execute(failing(onFailure), undefined, undefined);
    await expect(run).rejects.toThrow(/resume failed, too: .*put it right by hand/);
    await expect(run).rejects.not.toThrow("secret-word");
  });
});

describe("the inputs of quiesce", () => {
  const of = (more: object) => inputFaults(quiesce, { system: "s", stack: "t", ...more });
  it.each([
    [{ drainSeconds: 86_400 }, { drainSeconds: 86_401 }],
    [{ everySeconds: 0.05 }, { everySeconds: 0.04 }],
    [{ flags: [{ name: "a", redis: { key: "k" }, off: "1" }] }, { flags: [{ name: "a", off: "1" }] }],
    [
      { queues: [{ name: "a", redisList: "l" }] },
      { queues: [{ name: "a", redisList: "l", sql: "select 1" }] },
    ],
  ])("accept %j and refuse %j", (good, bad) => {
    expect(of(good)).toEqual([]);
    expect(of(bad)).toHaveLength(1);
  });
});
