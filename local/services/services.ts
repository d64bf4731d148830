// The local services as one thing: start, stop, status, remove. This is the interface for commands, demo and tests.
//
// A set of services lives in one folder, by default `<project>/.greenlight`; sets in other folders are independent.
// Start, stop and remove take the set's lock, so any number of processes may call them at the same time.

import { mkdir, readdir, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { examineApplications, pm2Daemon, resumeApplications, stopApplications } from "./application.ts";
import { type Certificates, ensureCertificates } from "./certificates.ts";
import { foreignVariables, servicesEnvironment } from "./environment.ts";
import { type Layout, layoutOf, projectRoot } from "./layout.ts";
import { examine, type ServiceStatus, secondsSince, startAll, stopAll } from "./lifecycle.ts";
import { withLock } from "./lock.ts";
import { chooseFreePort, isFree } from "./ports.ts";
import { isRunning } from "./process-identity.ts";
import type { OnProgress } from "./progress.ts";
import { ensurePackages } from "./python.ts";
import {
  APPLICATION_PORTS,
  newCredentials,
  type PortName,
  readRecord,
  type ServicesRecord,
  writeRecord,
} from "./record.ts";
import { requirementsOf, type Service, servicesOf } from "./service.ts";

export type { ServiceStatus } from "./lifecycle.ts";
export { foreignVariables, servicesEnvironment };

/** A set of services that was started. */
export interface Services {
  layout: Layout;
  ports: ServicesRecord["ports"];
  /** For the applications of further systems: GREENLIGHT_PORT_1 and so on. */
  applicationPorts: number[];
  credentials: ServicesRecord["credentials"];
  certificates: Certificates;
  /** Folder of `psql`, `pg_dump`, `pg_restore` of the server's own version. */
  postgresqlBin: string;
}

export interface ServicesOptions {
  /** The folder of the set. @default `<project>/.greenlight` */
  directory?: string;
  /** Told what happens while it happens. @default nobody is told */
  onProgress?: OnProgress;
}

/**
 * The passphrase of local stacks, to which the salt in the committed stack files belongs. A secret one would have to lie
 * beside the state that it locks, and would write a new salt into the stack file of every clone.
 */
const PASSPHRASE = "greenlight-example";

/** Longer than a first start, which may download. */
const LOCK_SECONDS = 900;

/** A busy machine can keep a service from its answer for seconds, and whoever uses it would lose it to a restart. */
const ANSWER_SECONDS = 15;

/**
 * Starts what is not running and answering, in parallel, and returns when all of it answers. Does nothing to services
 * that are up. @throws naming the first service that cannot start; the others stay up and a later call goes on.
 */
export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const layout = layoutFor(options);
  const report = options.onProgress ?? (() => {});
  return await withLock(layout.lockFile, LOCK_SECONDS, async () => {
    await makeFolders(layout);
    const set = await openSet(layout, report);
    const { services, record, save } = set;
    const found = await Promise.all(services.map((service) => examine(service, record, ANSWER_SECONDS)));
    for (const status of found) tellFound(status, report);
    const down = services.filter((_, index) => found[index]?.state !== "running");
    const moved = await movePorts(set, down, report);
    const movedApplications = await moveApplicationPorts(set, report);
    const misled = services.filter((one) => !down.includes(one) && one.uses?.some((port) => moved.has(port)));
    save();
    await startAll([...down, ...misled], record, save, report);
    await resume(set, movedApplications, report);
    return describe(set);
  });
}

/** The set as its record describes it, or undefined where none was ever started. Does not look whether it runs. */
export async function recordedServices(options: ServicesOptions = {}): Promise<Services | undefined> {
  const layout = layoutFor(options);
  const record = await readRecord(layout.recordFile);
  if (record?.postgresqlBin === undefined) return undefined;
  return describe({ layout, record, certificates: await ensureCertificates(layout.certificates) });
}

/** What each service and the application is doing now; empty where none was ever started. */
export async function servicesStatus(options: ServicesOptions = {}): Promise<ServiceStatus[]> {
  const layout = layoutFor(options);
  if ((await readRecord(layout.recordFile)) === undefined) return [];
  const { services, record } = await openSet(layout, () => {});
  const examined = services.map((service) => examine(service, record));
  const applications = await examineApplications(layout, record.ports.application);
  return [...(await Promise.all(examined)), ...applications];
}

/**
 * Stops the application and every service cleanly and waits. Data, ports and credentials are kept.
 * @throws when one still runs after 60 s; the others are stopped all the same.
 */
export async function stopServices(options: ServicesOptions = {}): Promise<void> {
  const layout = layoutFor(options);
  if ((await readRecord(layout.recordFile)) === undefined) return;
  await withLock(layout.lockFile, LOCK_SECONDS, () => stopSet(layout, options.onProgress ?? (() => {})));
}

/** Stops the set and deletes all it ever wrote: data, logs, credentials, and the Pulumi state beside them. */
export async function removeServices(options: ServicesOptions = {}): Promise<void> {
  const layout = layoutFor(options);
  await withLock(layout.lockFile, LOCK_SECONDS, async () => {
    const record = await stopSet(layout, options.onProgress ?? (() => {}));
    // The lock is let go of last: others may wait for it.
    const kept = (await readdir(layout.local)).map((name) => join(layout.local, name));
    const own = kept.filter((path) => !path.startsWith(layout.lockFile));
    for (const path of [record?.postgresqlFolder, layout.pm2Home, layout.state, ...own])
      if (path !== undefined) await rm(path, { recursive: true, force: true });
  });
  await rmdir(layout.local).catch(() => {}); // another one begins anew in it
}

/** A set whose lock is held, or that is only looked at. */
interface OpenSet {
  layout: Layout;
  record: ServicesRecord;
  certificates: Certificates;
  services: Service[];
  /** Writes the record. */
  save: () => void;
}

async function openSet(layout: Layout, report: OnProgress): Promise<OpenSet> {
  const record = (await readRecord(layout.recordFile)) ?? (await newRecord());
  const certificates = await ensureCertificates(layout.certificates);
  let installed: Promise<void> | undefined; // by whichever service needs it first, for all
  const services = servicesOf(layout, record, certificates, () => {
    installed ??= install(layout, report);
    return installed;
  });
  return { layout, record, certificates, services, save: () => writeRecord(layout.recordFile, record) };
}

async function install(layout: Layout, report: OnProgress): Promise<void> {
  await ensurePackages(await requirementsOf(layout), (text) =>
    report({ service: "python", state: "preparing", text }),
  );
}

/** Returns the record, or undefined where none was ever started. */
async function stopSet(layout: Layout, report: OnProgress): Promise<ServicesRecord | undefined> {
  if ((await readRecord(layout.recordFile)) === undefined) return undefined;
  const set = await openSet(layout, report);
  const applicationFault = await stopReleased(set, report);
  await stopAll(set.services, set.record, set.save, report);
  if (applicationFault !== undefined) throw applicationFault;
  return set.record;
}

/** Returns the error instead of throwing it: the services are stopped all the same. */
async function stopReleased(set: OpenSet, report: OnProgress): Promise<Error | undefined> {
  const began = performance.now();
  try {
    const names = await stopApplications(set.layout, servicesEnvironment(describe(set)));
    if (names === undefined) return undefined;
    const text = `stopped after ${secondsSince(began)} s (${names.join(", ") || "none ran"})`;
    report({ service: "application", state: "stopped", text });
    return undefined;
  } catch (cause) {
    return new Error(`application: ${(cause as Error).message}; run up to bring it back`, { cause });
  }
}

/**
 * An application that cannot come back is told, not thrown: the services are up, and a release can repair it.
 * @param lost ports that applications had and others took meanwhile.
 */
async function resume(set: OpenSet, lost: ReadonlySet<number>, report: OnProgress): Promise<void> {
  const { layout } = set;
  const began = performance.now();
  try {
    const names = await resumeApplications(layout, servicesEnvironment(describe(set)), lost);
    if (names.length === 0) return;
    const text = `${names.join(", ")} started again under pm2 after ${secondsSince(began)} s`;
    report({ service: "application", state: "ready", text });
  } catch (error) {
    const text = `cannot be brought back: ${(error as Error).message}; run up to release it anew`;
    report({ service: "application", state: "died", text });
  }
}

function tellFound({ name, state, port, detail }: ServiceStatus, report: OnProgress): void {
  if (state === "running") {
    const text = `already running on 127.0.0.1:${port} (${detail})`;
    report({ service: name, state: "unchanged", text });
  } else if (state !== "stopped") {
    const what = state === "dead" ? "had ended by itself" : "runs and does not answer";
    report({ service: name, state: "died", text: `${what}, its log ends:\n${detail}` });
  }
}

/** Gives new ports to what is down and whose ports a foreign program took. Returns the names of those ports. */
async function movePorts(set: OpenSet, down: Service[], report: OnProgress): Promise<Set<PortName>> {
  const { record } = set;
  const wanted: { owner: ServiceStatus["name"]; port: PortName }[] = [];
  for (const { name, ports } of down) {
    const recorded = record.processes[name];
    const holdsThem = recorded !== undefined && (await isRunning(recorded)); // until it is stopped
    if (!holdsThem) wanted.push(...ports.map((port) => ({ owner: name, port })));
  }
  const moved = new Set<PortName>();
  for (const { owner, port } of wanted) {
    const was = record.ports[port];
    if (await isFree(was)) continue;
    record.ports[port] = await chooseFreePort(portsOf(record));
    moved.add(port);
    const text = `port ${was} is taken by another program, moved to ${record.ports[port]}`;
    report({ service: owner, state: "moved", text });
  }
  return moved;
}

/**
 * Chooses the ports of applications that have none yet, and new ones where a foreign program took them while nothing ran
 * under pm2. Returns those that were lost.
 */
async function moveApplicationPorts(set: OpenSet, report: OnProgress): Promise<Set<number>> {
  const { record, layout } = set;
  const lost = new Set<number>();
  const kept = async (was: number) => {
    if (await isFree(was)) return was;
    lost.add(was);
    const now = await chooseFreePort(portsOf(record));
    const text = `port ${was} is taken by another program, moved to ${now}`;
    report({ service: "application", state: "moved", text });
    return now;
  };
  if ((await pm2Daemon(layout)) === undefined) {
    record.ports.application = await kept(record.ports.application);
    for (const [index, port] of record.applicationPorts.entries())
      record.applicationPorts[index] = await kept(port);
  }
  while (record.applicationPorts.length < APPLICATION_PORTS)
    record.applicationPorts.push(await chooseFreePort(portsOf(record)));
  return lost;
}

function portsOf(record: ServicesRecord): Set<number> {
  return new Set([...Object.values(record.ports), ...record.applicationPorts]);
}

async function newRecord(): Promise<ServicesRecord> {
  const chosen = new Set<number>();
  while (chosen.size < 7) chosen.add(await chooseFreePort(chosen));
  const [postgresql = 0, valkey = 0, redisTls = 0, aws = 0, smtp = 0, sink = 0, application = 0] = chosen;
  const ports = { postgresql, valkey, "redis-tls": redisTls, aws, smtp, sink, application };
  return { version: 1, ports, applicationPorts: [], credentials: newCredentials(), processes: {} };
}

async function makeFolders(layout: Layout): Promise<void> {
  await mkdir(layout.local, { recursive: true });
  await mkdir(layout.state, { recursive: true });
  await mkdir(layout.pm2Home, { recursive: true, mode: 0o700 });
  // It may lie in the folder for temporary files, where anybody can have made it.
  if ((await stat(layout.pm2Home)).uid !== process.getuid?.()) {
    throw new Error(
      `pm2 home "${layout.pm2Home}": belongs to another user; move the project to a shorter path`,
    );
  }
  await writeFile(layout.passphraseFile, PASSPHRASE, { mode: 0o600 });
}

function describe({ layout, record, certificates }: Omit<OpenSet, "services" | "save">): Services {
  const { ports, applicationPorts, credentials, postgresqlBin = "" } = record;
  return { layout, ports, applicationPorts, credentials, certificates, postgresqlBin };
}

function layoutFor(options: ServicesOptions): Layout {
  return layoutOf(resolve(options.directory ?? join(projectRoot, ".greenlight")));
}
