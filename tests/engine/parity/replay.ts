// Plays a recorded case against a command: the project, the configuration, the signals, and what came of each step.
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Workplace } from "../workplace.ts";
import type { Json, JsonObject, Observation, ParityCase, ParityStep } from "./case.ts";
import { readEvents } from "./event-reader.ts";
import { NormalForm } from "./normal-form.ts";
import { descendants, signal } from "./process-tree.ts";

const DEPLOYMENTS = ["preview", "up", "refresh", "destroy"];
const SAYINGS = ["create", "update", "delete", "read", "checkThrows", "diffThrows"];

/** One case under way. */
export class Replay {
  readonly #place: Workplace;
  readonly #form: NormalForm;
  readonly #programFolder: string;
  readonly #stacks = new Set<string>();
  #spec: JsonObject = {};
  #count = 0;

  constructor(test: ParityCase, command: string) {
    this.#place = new Workplace(undefined, command);
    this.#place.share();
    this.#form = new NormalForm(this.#place.root);
    this.#programFolder = this.#place.path(test.main ?? "");
    if (test.main) this.#moveProgram(test.main);
    if (test.project) appendFileSync(this.#place.path("Pulumi.yaml"), test.project);
  }

  close(): void {
    this.#place.close();
  }

  /** Does one step and says what was seen. */
  async step(step: ParityStep): Promise<Observation> {
    const stack = step.stack ?? "dev";
    if (!this.#stacks.has(stack)) await this.#place.must("stack", "init", stack);
    this.#stacks.add(stack);
    this.#writeSpec(step);
    for (const entry of step.config ?? []) await this.#configure(entry, stack);
    const unlock = step.lock ? this.#lock(stack) : undefined;
    const args = (step.args ?? []).map((arg) =>
      arg.startsWith("@") ? `urn:pulumi:${stack}::parity::${arg.slice(1)}` : arg,
    );
    const before = this.#place.calls().length;
    const seen = await this.#perform(step, stack, args);
    unlock?.();
    const trace = this.#place.calls().slice(before);
    const readsOnly = step.command === "output" || step.command === "config";
    return {
      ...seen,
      ...(trace.length > 0 && { trace }),
      ...(!readsOnly && { state: await this.#state(stack) }),
    };
  }

  async #perform(step: ParityStep, stack: string, args: string[]): Promise<Observation> {
    if (DEPLOYMENTS.includes(step.command)) return await this.#deploy(step, stack, args);
    const words = step.command === "output" ? ["stack", "output", "--json"] : step.command.split(" ");
    if (step.command === "config") words.push("--json");
    const { code, stdout } = await this.#place.run([...words, "--stack", stack, ...args]);
    const reads = words.includes("--json") && code === 0;
    return { exit: code, ...(reads && { json: JSON.parse(stdout) as Json }) };
  }

  async #deploy(step: ParityStep, stack: string, args: string[]): Promise<Observation> {
    const log = join(this.#place.root, `events-${++this.#count}.json`);
    const agreed = step.command === "preview" ? [] : ["--yes", "--skip-preview"];
    const words = [
      step.command,
      "--stack",
      stack,
      "--event-log",
      log,
      "--parallel",
      String(step.parallel ?? 1),
    ];
    const { kill } = step;
    const over = new AbortController();
    const { code } = await this.#place.run([...words, ...agreed, ...args], {
      ...(kill && { started: (pid: number) => void this.#interrupt(pid, kill, over.signal) }),
    });
    over.abort();
    return { exit: code, ...readEvents(log, this.#form, saidBy(this.#spec)) };
  }

  // The signal comes shortly after the provider was called, while its delay keeps the call open.
  async #interrupt(
    pid: number,
    { on, signal: name }: NonNullable<ParityStep["kill"]>,
    over: AbortSignal,
  ): Promise<void> {
    const before = this.#place.calls().length;
    while (!over.aborted && !this.#place.calls().slice(before).includes(on)) await wait(50);
    await wait(300);
    if (over.aborted) return;
    const children = name === "SIGKILL" ? descendants(pid) : [];
    for (const target of [pid, ...children]) signal(target, name);
  }

  async #configure(
    { set, rm, value = "", secret, path }: NonNullable<ParityStep["config"]>[number],
    stack: string,
  ) {
    if (rm) await this.#place.must("config", "rm", rm, "--stack", stack);
    if (!set) return;
    const kind = [secret ? "--secret" : "--plaintext", ...(path ? ["--path"] : [])];
    await this.#place.must("config", "set", set, "--stack", stack, ...kind, "--", value);
  }

  #lock(stack: string): () => void {
    const folder = join(this.#place.backend, ".pulumi/locks/organization/parity", stack);
    const path = join(folder, `${randomUUID()}.json`);
    mkdirSync(folder, { recursive: true });
    const holder = { pid: 1, username: "someone", hostname: "elsewhere", timestamp: "2026-01-01T00:00:00Z" };
    writeFileSync(path, JSON.stringify(holder));
    return () => rmSync(path, { force: true });
  }

  #writeSpec({ spec, behave, program, outputs }: ParityStep): void {
    const changes = { ...(behave !== undefined && { behave }), ...(program !== undefined && { program }) };
    this.#spec = { ...(spec ?? this.#spec), ...changes, ...(outputs !== undefined && { outputs }) };
    writeFileSync(join(this.#programFolder, "spec.json"), JSON.stringify(this.#spec));
  }

  async #state(stack: string): Promise<NonNullable<Observation["state"]>> {
    const { resources, pending_operations: operations } = await this.#deployment(stack);
    const pending = asObjects(operations).map(({ type, resource }) => {
      return { type: String(type), urn: this.#form.text(String((resource as JsonObject).urn)) };
    });
    const normal = asObjects(resources).map((state) => this.#form.resource(state));
    return { resources: normal, ...(pending.length > 0 && { pending }) };
  }

  async #deployment(stack: string): Promise<JsonObject> {
    return JSON.parse(await this.#place.must("stack", "export", "--show-secrets", "--stack", stack))
      .deployment;
  }

  #moveProgram(main: string): void {
    mkdirSync(this.#programFolder, { recursive: true });
    for (const file of ["index.js", "provider.js"])
      renameSync(this.#place.path(file), join(this.#programFolder, file));
    appendFileSync(this.#place.path("Pulumi.yaml"), `main: ${main}\n`);
    const description = JSON.parse(readFileSync(this.#place.path("package.json"), "utf8"));
    writeFileSync(
      this.#place.path("package.json"),
      JSON.stringify({ ...description, main: join(main, "index.js") }),
    );
  }
}

function asObjects(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? (list as JsonObject[]) : [];
}

// Every text that the spec makes program or provider say must come through unchanged.
function saidBy(spec: JsonObject): string[] {
  const behaviours = Object.values((spec.behave ?? {}) as { [name: string]: JsonObject });
  const program = (spec.program ?? {}) as JsonObject;
  const thrown = behaviours.flatMap((behaviour) => SAYINGS.map((key) => behaviour[key]));
  const failures = behaviours.flatMap(
    (behaviour) => (behaviour.check ?? []) as { property: string; reason: string }[],
  );
  const reasons = behaviours.flatMap((behaviour) => [behaviour.init, behaviour.initUpdate].flat());
  const spoken = ["throw", "runError", "reject", "logError", "logWarn", "print"].map((key) => program[key]);
  const texts = [...thrown, ...spoken].flatMap((text) => (typeof text === "string" ? text.split("\n") : []));
  const told = [...texts, ...failures.flatMap(({ property, reason }) => [property, reason]), ...reasons];
  return [...new Set(told.filter((text): text is string => typeof text === "string"))];
}
