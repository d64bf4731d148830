// The small parts on which the services stand: process identity, lock, record, paths, message store.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureCertificates } from "../../local/services/certificates.ts";
import { layoutOf, projectRoot } from "../../local/services/layout.ts";
import { withLock } from "../../local/services/lock.ts";
import { isFree } from "../../local/services/ports.ts";
import { identify, isRunning } from "../../local/services/process-identity.ts";
import { isUsable } from "../../local/services/python.ts";
import { newCredentials, readRecord, type ServicesRecord, writeRecord } from "../../local/services/record.ts";
import { MessageStore } from "../../local/services/sink/message.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenlight-parts-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a virtual environment", () => {
  it("is made anew after the machine's Python became another one", async () => {
    const venv = join(folder, "venv");
    const programs = join(folder, "programs");
    await Promise.all([mkdir(join(venv, "bin"), { recursive: true }), mkdir(programs)]);
    expect(await isUsable(venv)).toBe(false);
    const python = async (name: string, script = "") => {
      await writeFile(join(programs, name), `#!/bin/sh\n${script}`, { mode: 0o755 });
      await rm(join(venv, "bin", "python"), { force: true });
      await symlink(join(programs, name), join(venv, "bin", "python"));
    };
    await python("python3.12");
    await mkdir(join(venv, "lib", "python3.12"), { recursive: true });
    expect(await isUsable(venv)).toBe(true);
    await python("python3.13");
    expect(await isUsable(venv)).toBe(false);
    for (const [version, usable] of Object.entries({ "3.12": true, "3.13": false })) {
      await python(`python3-as-${version}-is`, `echo ${version}`);
      expect(await isUsable(venv)).toBe(usable);
    }
  });
});

describe("a process record", () => {
  it("is of one process only, until that ends", async () => {
    const child = spawn("sleep", ["600"], { stdio: "ignore" });
    const record = await identify(child.pid ?? 0);
    if (record === undefined) throw new Error("sleep did not start");
    expect(await isRunning(record)).toBe(true);
    expect(await isRunning({ ...record, started: `${record.started}0` })).toBe(false);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill();
    await ended;
    expect(await isRunning(record)).toBe(false);
  });

  it("lasts until its last thread has ended, with which its ports become free", async () => {
    const program = `
import socket, threading, time
listening = socket.create_server(("127.0.0.1", 0))
memory = bytearray(300_000_000)
for _ in range(20): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print(listening.getsockname()[1], flush=True)
time.sleep(60)`;
    const child = spawn("python3", ["-c", program], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = await once(child.stdout, "data");
    expect(await isFree(Number(port))).toBe(false);
    child.kill("SIGKILL");
    while (await identify(child.pid ?? 0)) {} // without a pause: the time in question is short
    expect(await isFree(Number(port))).toBe(true);
  });

  it("does not exist for an id that no process has", async () => {
    expect(await identify(2 ** 22 + 1)).toBeUndefined();
  });
});

describe("the lock", () => {
  /** How many of eight that ask at once are inside together. */
  const mostInside = async (file: string) => {
    let inside = 0;
    let most = 0;
    const body = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await setTimeout(2);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(file, 30, body)));
    return most;
  };

  it("lets one body run at a time", async () => {
    expect([await mostInside(join(folder, "lock")), await readdir(folder)]).toEqual([1, []]);
  });

  it("is taken over by one at a time where several processes find it abandoned", async () => {
    const many = 12;
    const left = JSON.stringify({ pid: process.pid, started: "another boot/1" });
    for (let nth = 0; nth < many; nth++) await writeFile(join(folder, `lock-${nth}.json`), left);
    const script = join(import.meta.dirname, "../support/take-abandoned.ts");
    const args = [script, "services", folder, String(many), String(Date.now() + 1500)];
    const takers = Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, args));

    const told = (await Promise.all(takers)).map(({ stdout }) => stdout).join("");

    expect([told, await readdir(folder)]).toEqual(["", []]);
  });

  it("is freed by a body that throws", async () => {
    const file = join(folder, "lock");
    await expect(withLock(file, 1, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withLock(file, 1, () => Promise.resolve("yes"))).toBe("yes");
  });

  it("is freed by its holder's death", async () => {
    const file = join(folder, "lock");
    await writeFile(file, JSON.stringify({ pid: process.pid, started: "another boot/1" }));
    expect(await withLock(file, 1, () => Promise.resolve("mine"))).toBe("mine");
  });

  it("names its living holder when the wait is over", async () => {
    const file = join(folder, "lock");
    const second = withLock(file, 30, () => withLock(file, 0.01, () => Promise.resolve()));
    await expect(second).rejects.toThrow(
      `lock "${file}": held by pid ${process.pid} for over 0.01 s; wait for it or end`,
    );
  });
});

describe("the record", () => {
  const record = (): ServicesRecord => ({
    version: 1,
    ports: { postgresql: 1, valkey: 2, "redis-tls": 3, aws: 4, smtp: 5, sink: 6, application: 7 },
    applicationPorts: [8, 9],
    credentials: newCredentials(),
    processes: { aws: { pid: 1, started: "x" } },
  });

  it("reads back what was written", async () => {
    const file = join(folder, "a", "services.json");
    const written = record();
    writeRecord(file, written);
    expect(await readRecord(file)).toEqual(written);
  });

  it("of an earlier version has no ports for further applications yet", async () => {
    const file = join(folder, "services.json");
    const { applicationPorts: _, ...earlier } = record();
    await writeFile(file, JSON.stringify(earlier));
    expect(await readRecord(file)).toEqual({ ...earlier, applicationPorts: [] });
  });

  it("is undefined where there is none", async () => {
    expect(await readRecord(join(folder, "services.json"))).toBeUndefined();
  });

  it("refuses every damaged file without telling a secret", async () => {
    const file = join(folder, "services.json");
    const written = record();
    const text = JSON.stringify(written);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: text.length - 1 }), async (end) => {
        await writeFile(file, text.slice(0, end));
        const fault = await readRecord(file).catch((error: Error) => error.message);
        expect(fault).toBe(
          `services record "${file}": content is not valid; end the processes it names, then delete the folder`,
        );
      }),
      { numRuns: 30 },
    );
    await writeFile(file, text.replace('"postgresql":1', '"postgresql":0'));
    await expect(readRecord(file)).rejects.toThrow(
      `services record "${file}": ports.postgresql is not valid;`,
    );
  });

  it("gives every set credentials of its own", () => {
    const [a, b] = [newCredentials(), newCredentials()];
    const { smtpUser: _, ...secrets } = a;
    for (const [name, value] of Object.entries(secrets)) expect(Object(b)[name]).not.toBe(value);
    expect(a.awsAccessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(a.awsSecretAccessKey).toHaveLength(40);
  });
});

describe("the paths", () => {
  it("put pm2's home elsewhere when its sockets' names would be too long", () => {
    const short = layoutOf("/home/person/project/.greenlight");
    expect(short.pm2Home).toBe("/home/person/project/.greenlight/local/pm2");
    const long = layoutOf(`/home/${"x".repeat(90)}/.greenlight`);
    expect(join(long.pm2Home, "interactor.sock").length).toBeLessThanOrEqual(103);
    expect(long.pm2Home).not.toBe(layoutOf(`/home/${"y".repeat(90)}/.greenlight`).pm2Home);
  });
});

describe("the pinned Python packages", () => {
  it.each([
    "aws",
    "postgresql",
    "valkey",
  ])("of %s are each of one version with the digests of its files", async (name) => {
    const text = await readFile(join(projectRoot, "local/services/python", `${name}.txt`), "utf8");
    const entries = text
      .replaceAll(/^#.*\n/gm, "")
      .trim()
      .split(/\n(?! )/);
    const exact = /^[\w.-]+==[\w.]+( ; [^\n]+)? \\(\n {4}--hash=sha256:[0-9a-f]{64}( \\)?)+$/;
    expect(entries.filter((entry) => !exact.test(entry))).toEqual([]);
    expect(entries.length).toBeGreaterThan(0);
  });
});

describe("the certificates", () => {
  it("are made once and kept", async () => {
    const first = await ensureCertificates(folder);
    const [authority, certificate] = await Promise.all([
      readFile(first.authority),
      readFile(first.certificate),
    ]);
    const second = await ensureCertificates(folder);
    expect([await readFile(second.authority), await readFile(second.certificate)]).toEqual([
      authority,
      certificate,
    ]);
  });

  it("are renewed under the same authority", async () => {
    const files = await ensureCertificates(folder);
    const authority = await readFile(files.authority);
    await rm(files.certificate);
    await ensureCertificates(folder);
    const { X509Certificate } = await import("node:crypto");
    const renewed = new X509Certificate(await readFile(files.certificate));
    expect(await readFile(files.authority)).toEqual(authority);
    expect(renewed.verify(new X509Certificate(authority).publicKey)).toBe(true);
    expect(renewed.checkIP("127.0.0.1")).toBe("127.0.0.1");
  });
});

describe("the sink's messages", () => {
  const call = (name: string, body: string) =>
    ({ kind: "webhook", name, headers: {}, body, json: null }) as const;

  it("survive in their file, without a line that a crash cut short", async () => {
    const file = join(folder, "messages.jsonl");
    const store = new MessageStore(file);
    store.add(call("a", "first"));
    store.add(call("b", "second"));
    await writeFile(file, `${await readFile(file, "utf8")}{"kind":"webhook","na`);
    const again = new MessageStore(file);
    expect(again.list({}).map(({ id }) => id)).toEqual([1, 2]);
    expect(again.add(call("c", "third")).id).toBe(3);
    expect(new MessageStore(file).list({}).map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it("are narrowed by every filter", () => {
    const store = new MessageStore(join(folder, "messages.jsonl"));
    store.add(call("a", 'say "hello"'));
    store.add(call("b", "hello"));
    const mail = { from: "x@example.com", to: [], subject: "hello", text: "", html: "", headers: {} };
    store.add({ kind: "mail", ...mail });
    const ids = (filter: Parameters<MessageStore["list"]>[0]) => store.list(filter).map(({ id }) => id);
    expect(ids({ contains: "hello" })).toEqual([1, 2, 3]);
    expect(ids({ contains: '"hello"' })).toEqual([1]);
    expect(ids({ kind: "mail" })).toEqual([3]);
    expect(ids({ name: "b" })).toEqual([2]);
    expect(ids({ after: 2 })).toEqual([3]);
  });
});
