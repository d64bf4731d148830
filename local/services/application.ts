// The applications that a release put under pm2 in a set's PM2_HOME: stopped with the services, and brought back with
// them, so that a deployment without changes finds what it left.
//
// What is kept over a stop holds no secret: variables that the services give again are taken from them at the next
// start, and variables that look like secrets are dropped. An application fetches its secrets itself.

import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { delimiter, dirname, join, relative } from "node:path";
import { z } from "zod";
import { lastLines, terminate } from "./daemon.ts";
import { waitUntil } from "./deadline.ts";
import type { Layout } from "./layout.ts";
import type { ServiceStatus } from "./lifecycle.ts";
import { identify, type ProcessRecord } from "./process-identity.ts";
import { plainEnvironment, runTool } from "./tool.ts";

const PM2_SECONDS = 60;
/** From pm2's word that it started to an answer. */
const ANSWER_SECONDS = 10;
/** The longest `kill_timeout` that a stop waits for. */
const STOP_SECONDS = 60;

/** How pm2 runs an application, in the words of its ecosystem file. */
const settings = z.object({
  exec_mode: z.string().transform((mode) => mode.replace(/_mode$/, "")),
  instances: z.number().optional(),
  args: z.union([z.string(), z.array(z.string())]).optional(),
  node_args: z.union([z.string(), z.array(z.string())]).optional(),
  wait_ready: z.boolean().optional(),
  listen_timeout: z.number().optional(),
  kill_timeout: z.number().optional(),
  max_restarts: z.number().optional(),
  min_uptime: z.union([z.number(), z.string()]).optional(),
  exp_backoff_restart_delay: z.number().optional(),
  max_memory_restart: z.union([z.number(), z.string()]).optional(),
  merge_logs: z.boolean().optional(),
});

/** What `pm2 jlist` says about one process, as far as it is used. */
const listed = z.array(
  z.object({
    name: z.string(),
    pm2_env: settings.extend({
      status: z.string(),
      pm_exec_path: z.string(),
      pm_cwd: z.string(),
      pm_out_log_path: z.string(),
      pm_err_log_path: z.string(),
      env: z.record(z.string(), z.unknown()).default({}),
    }),
  }),
);

const kept = z.strictObject({
  /** An ecosystem file's `apps`. */
  apps: z.array(z.looseObject({ name: z.string(), env: z.looseObject({ PORT: z.string().optional() }) })),
  /** Variables to take from the services at the next start. */
  inherited: z.array(z.string()),
});

/** The running pm2 daemon of the set, or undefined. */
export async function pm2Daemon(layout: Layout): Promise<ProcessRecord | undefined> {
  const text = await readFile(join(layout.pm2Home, "pm2.pid"), "utf8").catch(() => "");
  const pid = Number(text.trim());
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const record = await identify(pid);
  // pm2 leaves its file behind when it is killed; the id may be another process's by now.
  return record !== undefined && isDaemon(await commandLine(pid), layout.pm2Home) ? record : undefined;
}

/**
 * Stops pm2's daemon with all it runs, keeping how to bring that back. `environment` is that of the services.
 * Returns the names of what ran, or undefined where no daemon ran.
 * @throws when pm2 does not say what runs (it is stopped all the same), or does not end.
 */
export async function stopApplications(
  layout: Layout,
  environment: Record<string, string>,
): Promise<string[] | undefined> {
  const daemon = await pm2Daemon(layout);
  if (daemon === undefined) return undefined;
  const keeping = keep(layout, environment);
  await keeping.catch(() => {}); // told below: first it must not run on
  await terminate(daemon, "SIGTERM", STOP_SECONDS);
  // Written at every stop, with all variables; nothing here ever reads it.
  for (const name of ["dump.pm2", "dump.pm2.bak"]) await rm(join(layout.pm2Home, name), { force: true });
  return await keeping;
}

/** Writes down what runs and returns its names. */
async function keep(layout: Layout, environment: Record<string, string>): Promise<string[]> {
  const apps = (await listApplications(layout)).filter(({ pm2_env }) =>
    ["online", "launching"].includes(pm2_env.status),
  );
  const content = {
    apps: apps.map(({ name, pm2_env }) => describe(name, pm2_env, environment)),
    inherited: Object.keys(environment).filter((name) => apps.some(({ pm2_env }) => name in pm2_env.env)),
  };
  if (apps.length > 0) {
    await writeFile(layout.applicationFile, JSON.stringify(content, null, 2), { mode: 0o600 });
  }
  return apps.map(({ name }) => name);
}

/**
 * Starts what ran at the last stop and returns the names once each takes connections on its PORT; none when nothing ran.
 * What had one of the `lost` ports stays down: it would be told the old one.
 * @throws when it cannot be started or does not answer; only a release can then bring it back.
 */
export async function resumeApplications(
  layout: Layout,
  environment: Record<string, string>,
  lost: ReadonlySet<number>,
): Promise<string[]> {
  const text = await readFile(layout.applicationFile, "utf8").catch(() => undefined);
  if (text === undefined) return [];
  await rm(layout.applicationFile);
  if ((await pm2Daemon(layout)) !== undefined) return []; // a release came first
  const { apps: all, inherited } = kept.parse(JSON.parse(text));
  const apps = all.filter(({ env }) => !lost.has(Number(env.PORT)));
  if (apps.length === 0) return [];
  const given = Object.fromEntries(inherited.map((name) => [name, environment[name] ?? ""]));
  const ecosystem = join(layout.local, "application.config.json");
  await writeFile(ecosystem, JSON.stringify({ apps }, null, 2), { mode: 0o600 });
  try {
    await pm2(layout, { ...plainEnvironment(), ...given }, ["start", ecosystem]);
  } finally {
    await rm(ecosystem);
  }
  await Promise.all(apps.map(({ name, env }) => waitForAnswer(name, Number(env.PORT))));
  return apps.map(({ name }) => name);
}

/** An application without a port has nothing to wait for. */
async function waitForAnswer(name: string, port: number): Promise<void> {
  if (Number.isNaN(port)) return;
  await waitUntil(
    async () => (await takesConnections(port)) || undefined,
    ANSWER_SECONDS,
    () => new Error(`${name} does not answer on port ${port} after ${ANSWER_SECONDS} s`),
  );
}

/**
 * What each application under pm2 is doing: `running` when its PORT takes connections; a worker, which has none, when pm2 has it
 * online. One `stopped` application at `port` where nothing was released.
 */
export async function examineApplications(layout: Layout, port: number): Promise<ServiceStatus[]> {
  const daemon = await pm2Daemon(layout);
  const logFile = join(layout.pm2Home, "pm2.log");
  const known = { name: "application", pid: daemon?.pid, logFile } as const;
  const apps = daemon === undefined ? [] : await listApplications(layout);
  if (apps.length === 0) return [{ ...known, port, state: "stopped", detail: "" }];
  return await Promise.all(
    apps.map(async ({ name, pm2_env }): Promise<ServiceStatus> => {
      const own = Number(pm2_env.env.PORT);
      const worker = Number.isNaN(own);
      const at = { ...known, port: worker ? undefined : own };
      const good = worker ? pm2_env.status === "online" : await takesConnections(own);
      if (good) return { ...at, state: "running", detail: `${name}, under pm2` };
      const fault = worker ? `is ${pm2_env.status}` : "does not answer";
      const lines = [`${name} ${fault}`, ...(await lastLines(logFile))];
      return { ...at, state: "unready", detail: lines.join("\n") };
    }),
  );
}

/** What pm2 has, each name once. The daemon must run: asking would start it. */
async function listApplications(layout: Layout): Promise<z.infer<typeof listed>> {
  const all = listed.parse(readList(await pm2(layout, plainEnvironment(), ["jlist"])));
  return all.filter((one, index) => all.findIndex(({ name }) => name === one.name) === index);
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => finish(false));
    socket.on("connect", () => finish(true));
    socket.on("error", () => finish(false));
  });
}

type Listed = z.infer<typeof listed>[number]["pm2_env"];

function describe(name: string, running: Listed, environment: Record<string, string>) {
  const own = Object.entries(running.env).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === "string" &&
      !(entry[0] in environment) &&
      !isPm2Own(entry[0], name) &&
      !isSecret(entry[0], entry[1]),
  );
  return {
    name,
    // Not the whole path: pm2 takes a script with a blank in it for a command line.
    script: relative(running.pm_cwd, running.pm_exec_path),
    cwd: running.pm_cwd,
    ...settings.parse(running),
    out_file: running.pm_out_log_path,
    error_file: running.pm_err_log_path,
    env: Object.fromEntries(own),
  };
}

/** What pm2 adds to the variables by itself. */
function isPm2Own(variable: string, applicationName: string): boolean {
  return variable.startsWith("PM2_") || variable === "unique_id" || variable === applicationName;
}

/** By name, or an address with a password in it. */
function isSecret(name: string, value: string): boolean {
  return (
    /PASSWORD|PASSPHRASE|(^|_)(PASS|PASSWD|PASSCODE)$|_PWD$|TOKEN|PRIVATE|SECRETS?$|KEY$/i.test(name) ||
    /:\/\/[^/@\s]*:[^/@\s]+@/.test(value)
  );
}

async function pm2(layout: Layout, environment: Record<string, string>, args: string[]): Promise<string> {
  const script = join(dirname(createRequire(import.meta.url).resolve("pm2/package.json")), "bin", "pm2");
  const env = {
    ...environment,
    // pm2 starts `node` by name: it must be this one.
    PATH: [dirname(process.execPath), environment.PATH].join(delimiter),
    PM2_HOME: layout.pm2Home,
    PM2_DISCRETE_MODE: "true",
  };
  return await new Promise((resolve, reject) => {
    const options = { env, cwd: layout.local, timeout: PM2_SECONDS * 1000, maxBuffer: 16_000_000 };
    execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`pm2 ${args[0]}: failed; ${stderr.trim().split("\n").at(-1) || error.message}`));
    });
  });
}

/** pm2 may print notes before the list. */
function readList(output: string): unknown {
  const start = output.search(/^\[(\{|\])/m);
  if (start < 0) throw new Error("pm2 jlist: printed no list");
  return JSON.parse(output.slice(start));
}

/** The daemon's title names its home; systems cut long titles. */
function isDaemon(title: string, pm2Home: string): boolean {
  const home = /^PM2 v[\w.-]+: God Daemon \((.*)$/.exec(title.trim())?.[1];
  return home !== undefined && home !== "" && `${pm2Home})`.startsWith(home);
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform === "linux") {
    return await readFile(`/proc/${pid}/cmdline`, "utf8").then(
      (text) => text.replaceAll("\0", " ").trim(),
      () => "",
    );
  }
  return await runTool("ps", ["-o", "args=", "-p", String(pid)]).catch(() => "");
}
