// The local services as one thing: start, stop, status, remove. This is the interface for commands, demo and tests.
//
// A set of services lives in one folder, by default `<project>/.greenlight`; sets in other folders are independent.
// All of these functions take the set's lock, so any number of processes may call them at the same time.

import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Certificates, ensureCertificates } from "./certificates.ts";
import { lastLines, launch, terminate, waitReady } from "./daemon.ts";
import { type Layout, layoutOf, projectRoot } from "./layout.ts";
import { withLock } from "./lock.ts";
import { chooseFreePort, isFree } from "./ports.ts";
import { isRunning } from "./process-identity.ts";
import type { OnProgress } from "./progress.ts";
import { ensurePackages } from "./python.ts";
import { newCredentials, type PortName, readRecord, type ServicesRecord, writeRecord } from "./record.ts";
import { type Service, servicesOf } from "./service.ts";

export { servicesEnvironment } from "./environment.ts";

/** A running set of services. */
export interface Services {
  layout: Layout;
  ports: ServicesRecord["ports"];
  credentials: ServicesRecord["credentials"];
  certificates: Certificates;
  /** Folder of `psql`, `pg_dump`, `pg_restore` of the server's own version. */
  postgresqlBin: string;
}

export interface ServicesOptions {
  /** The folder of the set. @default `<project>/.greenlight` */
  directory?: string;
  onProgress?: OnProgress;
}

/** What one service is doing. */
export interface ServiceStatus {
  name: Service["name"];
  /** `dead`: it was started, was not stopped, and is gone. `unready`: it runs and does not answer. */
  state: "running" | "unready" | "dead" | "stopped";
  port: number;
  pid: number | undefined;
  /** What answers; for `dead` and `unready` the last lines of its log. */
  detail: string;
  logFile: string;
}

/** Longer than a first start, which may download. */
const LOCK_SECONDS = 900;
const STOP_SECONDS = 60;

/**
 * Starts what is not running and answering, in parallel, and returns when all of it answers. Does nothing to services
 * that are up. @throws naming the first service that cannot start; the others stay up and a later call goes on.
 */
export async function startServices(options: ServicesOptions = {}): Promise<Services> {
  const layout = layoutFor(options);
  const report = options.onProgress ?? (() => {});
  await makeFolders(layout);
  return await withLock(layout.lockFile, LOCK_SECONDS, async () => {
    const record = (await readRecord(layout.recordFile)) ?? (await newRecord());
    const save = () => writeRecord(layout.recordFile, record);
    const certificates = await ensureCertificates(layout.certificates);
    const services = servicesOf(layout, record, certificates, (requirement) =>
      ensurePackages([requirement], (text) => report({ service: "python", state: "preparing", text })),
    );
    const found = await Promise.all(services.map((service) => examine(service, record)));
    const down = services.filter((_, index) => found[index]?.state !== "running");
    for (const [index, service] of services.entries()) tellFound(found[index], service, report);
    await keepPorts(down, record, report);
    save();
    await startAll(down, (service) => start(service, record, save, report));
    return handle(layout, record, certificates);
  });
}

/** The set as its record describes it, or undefined where none was ever started. Does not look whether it runs. */
export async function recordedServices(options: ServicesOptions = {}): Promise<Services | undefined> {
  const layout = layoutFor(options);
  const record = await readRecord(layout.recordFile);
  if (record?.postgresqlBin === undefined) return undefined;
  return handle(layout, record, await ensureCertificates(layout.certificates));
}

/** What each service is doing now; empty where none was ever started. */
export async function servicesStatus(options: ServicesOptions = {}): Promise<ServiceStatus[]> {
  const layout = layoutFor(options);
  const record = await readRecord(layout.recordFile);
  if (record === undefined) return [];
  const certificates = await ensureCertificates(layout.certificates);
  const services = servicesOf(layout, record, certificates, () => Promise.resolve());
  return await Promise.all(services.map((service) => examine(service, record)));
}

/**
 * Stops every service cleanly and waits. Data, ports and credentials are kept.
 * @throws when one still runs after 60 s; the others are stopped all the same.
 */
export async function stopServices(options: ServicesOptions = {}): Promise<void> {
  const layout = layoutFor(options);
  if ((await readRecord(layout.recordFile)) === undefined) return;
  await withLock(layout.lockFile, LOCK_SECONDS, () => stopAll(layout, options.onProgress ?? (() => {})));
}

/** Stops the services and deletes everything the set ever wrote: data, logs, credentials, and the Pulumi state beside them. */
export async function removeServices(options: ServicesOptions = {}): Promise<void> {
  const layout = layoutFor(options);
  const record = await readRecord(layout.recordFile);
  if (record !== undefined) {
    await withLock(layout.lockFile, LOCK_SECONDS, () => stopAll(layout, options.onProgress ?? (() => {})));
  }
  const folders = [layout.local, layout.state, layout.pm2Home, record?.postgresqlFolder];
  for (const folder of folders) if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

async function stopAll(layout: Layout, report: OnProgress): Promise<void> {
  const record = await readRecord(layout.recordFile);
  if (record === undefined) return;
  const certificates = await ensureCertificates(layout.certificates);
  const services = servicesOf(layout, record, certificates, () => Promise.resolve());
  const outcomes = await Promise.allSettled(services.map((service) => stop(service, record, report)));
  writeRecord(layout.recordFile, record);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Starts all in parallel, each after the one it waits for. @throws the first failure once all have ended. */
async function startAll(services: Service[], startOne: (service: Service) => Promise<void>): Promise<void> {
  const started = new Map<Service["name"], Promise<void>>();
  for (const service of services) {
    const first = service.after === undefined ? undefined : started.get(service.after);
    started.set(
      service.name,
      Promise.resolve(first).then(() => startOne(service)),
    );
  }
  const outcomes = await Promise.allSettled(started.values());
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function start(
  service: Service,
  record: ServicesRecord,
  save: () => void,
  report: OnProgress,
): Promise<void> {
  const { name, logFile } = service;
  const began = performance.now();
  const stale = record.processes[name];
  if (stale !== undefined) await terminate(name, stale, service.stopSignal, STOP_SECONDS);
  delete record.processes[name];
  let detail: string;
  try {
    const command = await service.prepare();
    report({ service: name, state: "starting", text: "starting" });
    const started = await launch(command, logFile);
    record.processes[name] = started;
    save();
    detail = await waitReady(started, service.probe, service.readySeconds, logFile);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`service "${name}": ${message}`, { cause });
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  report({
    service: name,
    state: "ready",
    text: `ready on ${address(service, record)} after ${seconds} s (${detail})`,
  });
}

async function stop(service: Service, record: ServicesRecord, report: OnProgress): Promise<void> {
  const recorded = record.processes[service.name];
  if (recorded === undefined) return;
  report({ service: service.name, state: "stopping", text: "stopping" });
  await terminate(service.name, recorded, service.stopSignal, STOP_SECONDS);
  delete record.processes[service.name];
  report({ service: service.name, state: "stopped", text: "stopped" });
}

async function examine(service: Service, record: ServicesRecord): Promise<ServiceStatus> {
  const { name, logFile } = service;
  const recorded = record.processes[name];
  const known = { name, port: record.ports[name], logFile };
  if (recorded === undefined) return { ...known, state: "stopped", pid: undefined, detail: "" };
  if (!(await isRunning(recorded))) {
    return { ...known, state: "dead", pid: undefined, detail: (await lastLines(logFile)).join("\n") };
  }
  const detail = await service.probe().catch(() => undefined);
  if (detail !== undefined) return { ...known, state: "running", pid: recorded.pid, detail };
  return { ...known, state: "unready", pid: recorded.pid, detail: (await lastLines(logFile)).join("\n") };
}

function tellFound(found: ServiceStatus | undefined, service: Service, report: OnProgress): void {
  const name = service.name;
  if (found?.state === "running") {
    report({
      service: name,
      state: "unchanged",
      text: `already running on 127.0.0.1:${found.port} (${found.detail})`,
    });
  } else if (found?.state === "dead" || found?.state === "unready") {
    const what = found.state === "dead" ? "had ended by itself" : "runs and does not answer";
    report({ service: name, state: "died", text: `${what}, its log ends:\n${found.detail}` });
  }
}

/** Gives a new port to each one that a foreign process took in the meantime. */
async function keepPorts(down: Service[], record: ServicesRecord, report: OnProgress): Promise<void> {
  for (const service of down) {
    const recorded = record.processes[service.name];
    if (recorded !== undefined && (await isRunning(recorded))) continue; // it holds its own ports until it is stopped
    for (const port of service.ports) {
      const was = record.ports[port];
      if (await isFree(was)) continue;
      record.ports[port] = await chooseFreePort(new Set(Object.values(record.ports)));
      const text = `port ${was} is taken by another program, moved to ${record.ports[port]}`;
      report({ service: service.name, state: "moved", text });
    }
  }
}

async function newRecord(): Promise<ServicesRecord> {
  const names = ["postgresql", "valkey", "redis-tls", "aws", "smtp", "sink", "application"] as const;
  const chosen = new Set<number>();
  const choose = async (_name: PortName) => {
    const port = await chooseFreePort(chosen);
    chosen.add(port);
    return port;
  };
  const ports: Partial<Record<PortName, number>> = {};
  for (const name of names) ports[name] = await choose(name);
  return {
    version: 1,
    ports: ports as Record<PortName, number>,
    credentials: newCredentials(),
    processes: {},
  };
}

async function makeFolders(layout: Layout): Promise<void> {
  await mkdir(layout.local, { recursive: true });
  await mkdir(layout.state, { recursive: true });
  await mkdir(layout.pm2Home, { recursive: true, mode: 0o700 });
  const passphrase = randomBytes(24).toString("base64url");
  await writeFile(layout.passphraseFile, passphrase, { flag: "wx", mode: 0o600 }).catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
}

function handle(layout: Layout, record: ServicesRecord, certificates: Certificates): Services {
  const { ports, credentials, postgresqlBin = "" } = record;
  return { layout, ports, credentials, certificates, postgresqlBin };
}

function layoutFor(options: ServicesOptions): Layout {
  return layoutOf(resolve(options.directory ?? join(projectRoot, ".greenlight")));
}

function address(service: Service, record: ServicesRecord): string {
  return `127.0.0.1:${record.ports[service.name]}`;
}
