// Starting, stopping and examining one service of a set. The record is changed in place; its file is the caller's.

import { setTimeout as delay } from "node:timers/promises";
import { type Command, EndedEarly, lastLines, launch, terminate, waitReady } from "./daemon.ts";
import { isRunning } from "./process-identity.ts";
import type { OnProgress } from "./progress.ts";
import type { ServiceName, ServicesRecord } from "./record.ts";
import type { Service } from "./service.ts";

/** What one service is doing. */
export interface ServiceStatus {
  name: ServiceName | "application";
  /** `dead`: it was started, was not stopped, and is gone. `unready`: it runs and does not answer. */
  state: "running" | "unready" | "dead" | "stopped";
  /** Undefined for an application that takes no connections. */
  port: number | undefined;
  pid: number | undefined;
  /** What answers; for `dead` and `unready` the last lines of its log. */
  detail: string;
  logFile: string;
}

/** ministack writes all its state when it stops. */
const STOP_SECONDS = 60;

/**
 * Asks the process and the port.
 * @param patienceSeconds how long a process that runs is asked again before it counts as unready.
 */
export async function examine(
  service: Service,
  record: ServicesRecord,
  patienceSeconds = 0,
): Promise<ServiceStatus> {
  const { name, logFile } = service;
  const recorded = record.processes[name];
  const known = { name, port: record.ports[name], logFile };
  if (recorded === undefined) return { ...known, state: "stopped", pid: undefined, detail: "" };
  const deadline = performance.now() + patienceSeconds * 1000;
  do {
    if (!(await isRunning(recorded))) {
      return { ...known, state: "dead", pid: undefined, detail: (await lastLines(logFile)).join("\n") };
    }
    const detail = await service.probe().catch(() => undefined);
    if (detail !== undefined) return { ...known, state: "running", pid: recorded.pid, detail };
  } while (performance.now() < deadline && (await delay(250, true)));
  return { ...known, state: "unready", pid: recorded.pid, detail: (await lastLines(logFile)).join("\n") };
}

/** Starts all in parallel. @throws the first failure once all have ended. */
export async function startAll(
  services: readonly Service[],
  record: ServicesRecord,
  save: () => void,
  report: OnProgress,
): Promise<void> {
  throwFirst(await Promise.allSettled(services.map((service) => start(service, record, save, report))));
}

/** Stops all in parallel. @throws the first failure once all have ended. */
export async function stopAll(
  services: readonly Service[],
  record: ServicesRecord,
  save: () => void,
  report: OnProgress,
): Promise<void> {
  throwFirst(await Promise.allSettled(services.map((service) => stop(service, record, save, report))));
}

async function start(
  service: Service,
  record: ServicesRecord,
  save: () => void,
  report: OnProgress,
): Promise<void> {
  const { name } = service;
  const began = performance.now();
  let detail: string;
  try {
    const stale = record.processes[name];
    if (stale !== undefined) await terminate(stale, service.stopSignal, STOP_SECONDS);
    delete record.processes[name];
    const command = await service.prepare();
    report({ service: name, state: "starting", text: "starting" });
    detail = await bringUp(service, command, record, save);
  } catch (cause) {
    throw named(name, cause);
  }
  const text = `ready on 127.0.0.1:${record.ports[name]} after ${secondsSince(began)} s (${detail})`;
  report({ service: name, state: "ready", text });
}

/** Launches until it is ready; again for `settleSeconds` when it ends early. */
async function bringUp(
  service: Service,
  command: Command,
  record: ServicesRecord,
  save: () => void,
): Promise<string> {
  const deadline = performance.now() + (service.settleSeconds ?? 0) * 1000;
  for (;;) {
    try {
      const started = await launch(command, service.logFile);
      record.processes[service.name] = started;
      save();
      return await waitReady(started, service.probe, service.readySeconds, service.logFile);
    } catch (error) {
      if (!(error instanceof EndedEarly) || performance.now() > deadline) throw error;
      await delay(300);
    }
  }
}

async function stop(
  service: Service,
  record: ServicesRecord,
  save: () => void,
  report: OnProgress,
): Promise<void> {
  const { name } = service;
  const recorded = record.processes[name];
  if (recorded === undefined) return;
  const began = performance.now();
  report({ service: name, state: "stopping", text: "stopping" });
  try {
    await terminate(recorded, service.stopSignal, STOP_SECONDS);
  } catch (cause) {
    throw named(name, cause);
  }
  delete record.processes[name];
  save();
  report({ service: name, state: "stopped", text: `stopped after ${secondsSince(began)} s` });
}

/** `0.4` for four tenths of a second. */
export function secondsSince(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}

function named(name: ServiceName, cause: unknown): Error {
  return new Error(`service "${name}": ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

function throwFirst(outcomes: PromiseSettledResult<void>[]): void {
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
