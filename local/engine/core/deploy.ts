// One deployment from its request to its result: starts program and providers, plans and runs the steps, deletes what
// is gone, and tells how it ended. The only entry to the engine's core.
import path from "node:path";
import grpc from "@grpc/grpc-js";
import type { DeploymentRequest, DeploymentResult, PropertyMap } from "../types.ts";
import { builtinPlugin } from "./builtins.ts";
import { runDeletePhase } from "./delete-phase.ts";
import { Deployment } from "./deployment.ts";
import { Bail, Diagnostics, messageOf } from "./diagnostics.ts";
import { addEngineService } from "./engine-service.ts";
import { Executor } from "./executor.ts";
import { Generator } from "./generator.ts";
import { messageLimits } from "./grpc.ts";
import { Ledger } from "./ledger.ts";
import { Monitor, type SourceEvent } from "./monitor.ts";
import { DYNAMIC, PluginHost } from "./plugin-host.ts";
import { startProgram } from "./program.ts";
import { ProviderRegistry } from "./provider-registry.ts";
import { runRefresh } from "./refresh.ts";
import type { Step } from "./step.ts";
import { resourceOf } from "./step.ts";
import { StepEvents } from "./step-events.ts";
import { unknownTarget } from "./targets.ts";
import { packageOfProvider, STACK_TYPE } from "./urn.ts";

/**
 * Runs one preview, update, refresh or destroy. Failures of the program, of providers and of the user's making are
 * diagnostics and a result; nothing is printed.
 * @throws when a refresh or destroy names a target that does not exist, and when the journal cannot be written
 */
export async function deploy(request: DeploymentRequest): Promise<DeploymentResult> {
  const run = new Run(request);
  try {
    return await run.toItsEnd();
  } finally {
    await run.close();
  }
}

/** Compiled code of program runner and dynamic server; they load the same SDK in every run. */
const compileCache = path.join(import.meta.dirname, "../../../node_modules/.cache/greenlight-engine");

type Ending = { ended: "well" } | { ended: "badly"; reported: boolean };

class Run {
  readonly #request: DeploymentRequest;
  readonly #diagnostics: Diagnostics;
  readonly #deployment: Deployment;
  readonly #events: StepEvents;
  readonly #host: PluginHost;
  readonly #server: grpc.Server;
  readonly #address: Promise<string>;
  readonly #environment: NodeJS.ProcessEnv;
  #letProgramEnd = () => {};
  #stopProgram = async () => {};
  readonly #over = new Promise<void>((resolve) => {
    this.#letProgramEnd = resolve;
  });

  constructor(request: DeploymentRequest) {
    const preview = request.kind === "preview" || request.dryRun === true;
    const own = preview ? { ...request, base: copyOf(request.base) } : request;
    this.#request = own;
    this.#diagnostics = new Diagnostics(own.emit);
    this.#events = new StepEvents(own.emit);
    this.#environment = { NODE_COMPILE_CACHE: compileCache, ...process.env, ...own.environment };
    this.#server = new grpc.Server(messageLimits);
    const listening = Promise.withResolvers<string>();
    this.#address = listening.promise;
    this.#listen = listening.resolve;
    const builtIn = builtinPlugin(own, (urn) => this.#deployment.news.get(urn));
    this.#host = new PluginHost(own, this.#environment, this.#diagnostics, builtIn, this.#address);
    const uniqueId = own.uniqueId ?? (() => crypto.randomUUID());
    const registry = new ProviderRegistry(this.#host, preview, uniqueId);
    this.#deployment = new Deployment(own, this.#diagnostics, new Ledger(own), registry);
  }

  readonly #listen: (address: string) => void;

  async toItsEnd(): Promise<DeploymentResult> {
    const started = performance.now();
    const request = this.#request;
    this.#refuseUnknownTargets();
    if (request.cancel.aborted) return this.#result("canceled");
    const cancelProviders = () => void this.#host.cancel();
    request.cancel.addEventListener("abort", cancelProviders, { once: true });
    const config = Object.fromEntries(
      [...request.config].map(([key, { value, secret }]) => [key, secret ? "[secret]" : value]),
    );
    request.emit({ preludeEvent: { config } });
    const phases = this.#phases();
    phases.catch(() => {});
    const result = await Promise.race([phases, killed(request.kill)]);
    if (request.kill.aborted) {
      this.#deployment.ledger.seal();
      await this.#stopProgram();
    }
    request.cancel.removeEventListener("abort", cancelProviders);
    request.emit({
      summaryEvent: {
        maybeCorrupt: this.#events.maybeCorrupt,
        durationSeconds: Math.ceil((performance.now() - started) / 1000),
        resourceChanges: { ...this.#events.changes },
        PolicyPacks: {},
        isPreview: this.#deployment.preview,
        result: result === "succeeded" ? "succeeded" : "failed",
      },
    });
    request.emit({ cancelEvent: {} });
    return this.#result(result);
  }

  #result(result: DeploymentResult["result"]): DeploymentResult {
    return {
      result,
      changes: { ...this.#events.changes },
      snapshot: this.#deployment.ledger.snapshot(),
      changed: this.#events.changed,
    };
  }

  async close(): Promise<void> {
    this.#letProgramEnd();
    await this.#host.close();
    this.#server.forceShutdown();
  }

  /** Refresh, program, deletions: each as far as the one before went well. */
  async #phases(): Promise<DeploymentResult["result"]> {
    const { kind, refresh, base, cancel, parallel } = this.#request;
    if (kind === "refresh" || refresh) {
      if (this.#needsDynamic()) this.#host.prepareDynamic();
      await this.#listenForCalls();
      if (!(await runRefresh(this.#deployment, this.#events, parallel, cancel))) {
        this.#diagnostics.error("", `${this.#noun()} failed`);
        return "failed";
      }
      if (cancel.aborted) return this.#canceled();
      if (kind === "refresh") return "succeeded";
    } else if (base.pendingOperations.length > 0 && !this.#deployment.preview) {
      this.#warnOfPendingOperations();
    }
    return this.#update();
  }

  async #update(): Promise<DeploymentResult["result"]> {
    const { kind, parallel, cancel } = this.#request;
    const executor = new Executor(this.#deployment, this.#events, parallel);
    const generator = new Generator(this.#deployment, async (steps) => (await executor.start(steps)).done);
    const stop = () => executor.stop();
    cancel.addEventListener("abort", stop, { once: true });
    if (cancel.aborted) stop();
    if (this.#needsDynamic()) this.#host.prepareDynamic();
    const source = new EventSource(executor.stopped);
    let ending: Ending = { ended: "badly", reported: true };
    let finishProgram = async (_gracefully: boolean) => {};
    try {
      const calls = {
        done: () => source.end({ ended: "well" }),
        failed: (message: string) => source.end(this.#programFailed(message)),
      };
      const monitor = new Monitor(this.#deployment, (event) => source.push(event), calls, this.#over);
      await this.#listenForCalls(monitor);
      if (kind === "destroy") source.end({ ended: "well" });
      else {
        const program = startProgram(
          this.#request,
          this.#environment,
          await this.#address,
          this.#diagnostics,
        );
        this.#stopProgram = program.stop;
        finishProgram = async (gracefully) => {
          if (!gracefully) monitor.close();
          await (gracefully ? program.finish() : program.stop());
        };
        program.ended.then(
          (end) =>
            source.end(end.result === "succeeded" ? { ended: "well" } : this.#programFailed(end.message)),
          (error) => source.end(this.#programFailed(messageOf(error))),
        );
      }
      ending = await this.#serve(source, generator, executor);
    } finally {
      cancel.removeEventListener("abort", stop);
      await executor.idle();
      this.#letProgramEnd();
      await finishProgram(ending.ended === "well" && !executor.stopped.aborted);
    }
    await this.#finishStackOutputs(
      source,
      executor,
      ending.ended !== "well" || executor.sawError || generator.sawError,
    );
    if (ending.ended === "badly" && ending.reported) return "failed";
    if (ending.ended === "badly" || executor.sawError || generator.sawError) {
      this.#diagnostics.error("", `${this.#noun()} failed`);
      return "failed";
    }
    return cancel.aborted ? this.#canceled() : "succeeded";
  }

  #programFailed(message: string | undefined): Ending {
    if (message !== undefined && !this.#request.cancel.aborted) this.#pendingMessage = message;
    return { ended: "badly", reported: true };
  }

  #pendingMessage: string | undefined;

  /** Plans and starts steps in the order of the program's calls until it ends or a step fails, then deletes. */
  async #serve(source: EventSource, generator: Generator, executor: Executor): Promise<Ending> {
    while (true) {
      const next = await source.next();
      if (next === "stopped") return { ended: "well" };
      if ("ended" in next) {
        if (next.ended === "badly") {
          if (this.#pendingMessage !== undefined) this.#diagnostics.error("", this.#pendingMessage);
          executor.stop();
          return next;
        }
        return this.#finish(executor);
      }
      try {
        await this.#handle(next, generator, executor, source);
      } catch (error) {
        if (!(error instanceof Bail)) this.#diagnostics.error(urnOf(next, generator), messageOf(error));
        executor.stop();
        return { ended: "badly", reported: true };
      }
    }
  }

  async #handle(
    event: SourceEvent,
    generator: Generator,
    executor: Executor,
    source: EventSource,
  ): Promise<void> {
    if (event.kind === "outputs") return this.#takeOutputs(event, executor, source);
    const steps =
      event.kind === "read"
        ? generator.generateRead(event.read)
        : await generator.generate(event.registration);
    const runnable = steps.filter((step) => !this.#isSkipped(step, executor));
    if (runnable.length > 0) await executor.start(runnable);
  }

  readonly #skipped = new Set<string>();

  /** With --continue-on-error: what needs a failed resource is not run, and its program is told so. */
  #isSkipped(step: Step, executor: Executor): boolean {
    for (const failed of executor.failedSteps) this.#skipped.add(failed.urn);
    if (this.#skipped.size === 0) return false;
    const { parent, dependencies } = resourceOf(step);
    if (![parent, ...dependencies].some((urn) => urn !== undefined && this.#skipped.has(urn))) return false;
    this.#skipped.add(step.urn);
    executor.skip(step);
    return true;
  }

  async #takeOutputs(
    event: SourceEvent & { kind: "outputs" },
    executor: Executor,
    source: EventSource,
  ): Promise<void> {
    const step = executor.pendingOutputs.get(event.urn);
    if (step?.new?.type === STACK_TYPE) source.stackOutputs = { step, outputs: event.outputs };
    else if (!step?.new) {
      throw new Error(`cannot complete a resource '${event.urn}' whose registration isn't pending`);
    } else await this.#setOutputs(step, event.outputs, executor);
    event.done();
  }

  async #setOutputs(step: Step, outputs: PropertyMap, executor: Executor): Promise<void> {
    executor.pendingOutputs.delete(step.urn);
    if (step.skippedCreate || !step.new) return;
    step.new.outputs = outputs;
    this.#events.after(step);
    await this.#deployment.ledger.end(undefined, { alter: [step.new] });
  }

  /** The stack's outputs stand when all went well; after a failure they are laid over the old ones. */
  async #finishStackOutputs(source: EventSource, executor: Executor, failed: boolean): Promise<void> {
    if (!source.stackOutputs) return;
    const { step, outputs } = source.stackOutputs;
    const before = failed ? this.#deployment.olds.get(step.urn)?.outputs : undefined;
    await this.#setOutputs(step, { ...before, ...outputs }, executor);
  }

  async #finish(executor: Executor): Promise<Ending> {
    const unknown = this.#unknownTargets();
    for (const urn of unknown) this.#diagnostics.error("", unknownTarget(urn));
    await executor.idle();
    if (executor.stopped.aborted) return { ended: "well" };
    try {
      if (this.#deployment.resources.length > 0) await runDeletePhase(this.#deployment, executor);
    } catch (error) {
      if (!(error instanceof Bail)) {
        this.#diagnostics.error("", messageOf(error));
        return { ended: "badly", reported: true };
      }
      return { ended: "badly", reported: false };
    }
    return unknown.length > 0 ? { ended: "badly", reported: true } : { ended: "well" };
  }

  #unknownTargets(): string[] {
    const { targets, olds, news } = this.#deployment;
    return targets.given ? targets.unknown((urn) => olds.has(urn) || news.has(urn)) : [];
  }

  #refuseUnknownTargets(): void {
    if (this.#request.kind !== "refresh" && this.#request.kind !== "destroy") return;
    const unknown = this.#unknownTargets();
    if (unknown.length > 0) throw new Error(unknown.map(unknownTarget).join("\n"));
  }

  #needsDynamic(): boolean {
    return this.#deployment.resources.some(({ type }) => packageOfProvider(type) === DYNAMIC);
  }

  #listening = false;

  async #listenForCalls(monitor?: Monitor): Promise<void> {
    monitor?.addTo(this.#server);
    if (this.#listening) return;
    this.#listening = true;
    addEngineService(this.#server, this.#diagnostics);
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    this.#listen(`127.0.0.1:${port}`);
  }

  #canceled(): "canceled" {
    this.#diagnostics.error("", `${this.#noun()} canceled`);
    return "canceled";
  }

  #noun(): string {
    return this.#deployment.preview ? "preview" : "update";
  }

  #warnOfPendingOperations(): void {
    const { pendingOperations } = this.#request.base;
    const list = pendingOperations.map(
      ({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}\n`,
    );
    this.#diagnostics.warning(
      "",
      `Attempting to deploy or update resources with ${list.length} pending operations from previous deployment.\n` +
        `${list.join("")}It is not known whether these operations were completed: look at the resources themselves.\n` +
        "Then repair the stack with `pulumi refresh`; `pulumi refresh --clear-pending-creates` forgets pending creations.",
    );
  }
}

/** The program's calls in order, and its end after the last of them. */
class EventSource {
  readonly #events: SourceEvent[] = [];
  #ending: Ending | undefined;
  #wake: (() => void) | undefined;
  readonly #stopped: AbortSignal;
  stackOutputs: { step: Step; outputs: PropertyMap } | undefined;

  constructor(stopped: AbortSignal) {
    this.#stopped = stopped;
    stopped.addEventListener("abort", () => this.#wake?.(), { once: true });
  }

  push(event: SourceEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  /** The first end counts: a program that said that it is done may still be told to stop. */
  end(ending: Ending): void {
    this.#ending ??= ending;
    this.#wake?.();
  }

  /** The next call, the end, or `stopped` when no further step may start. */
  async next(): Promise<SourceEvent | Ending | "stopped"> {
    while (true) {
      if (this.#stopped.aborted) return "stopped";
      const event = this.#events.shift();
      if (event) return event;
      if (this.#ending) return this.#ending;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function urnOf(event: SourceEvent, generator: Generator): string {
  if (event.kind === "outputs") return event.urn;
  return generator.urnOf(event.kind === "read" ? event.read.goal : event.registration.goal);
}

/** A preview may mark states; the caller's stay untouched. */
function copyOf(base: DeploymentRequest["base"]): DeploymentRequest["base"] {
  return { ...base, resources: base.resources.map((state) => ({ ...state })) };
}

function killed(kill: AbortSignal): Promise<"canceled"> {
  return new Promise((resolve) => {
    if (kill.aborted) resolve("canceled");
    else kill.addEventListener("abort", () => resolve("canceled"), { once: true });
  });
}
