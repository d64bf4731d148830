// Runs the program and what it asks for, then deletes what it no longer has.
import type { RpcServer } from "../rpc/server.ts";
import type { DeploymentResult, PropertyMap } from "../types.ts";
import { urnOf } from "./claim.ts";
import { runDeletePhase } from "./delete-phase.ts";
import type { Deployment } from "./deployment.ts";
import { Bail, messageOf } from "./diagnostics.ts";
import { type Ending, EventSource } from "./event-source.ts";
import { Executor } from "./executor.ts";
import { Generator } from "./generator.ts";
import { Monitor, type SourceEvent } from "./monitor.ts";
import { startProgram } from "./program.ts";
import { planRead } from "./read.ts";
import type { SdkProcesses } from "./sdk-process.ts";
import { resourceOf, type Step } from "./step.ts";
import type { StepEvents } from "./step-events.ts";
import { unknownTarget } from "./targets.ts";
import { STACK_TYPE } from "./urn.ts";

export class UpdatePhase {
  readonly #deployment: Deployment;
  readonly #events: StepEvents;
  readonly #server: RpcServer;
  readonly #processes: SdkProcesses;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #executor: Executor;
  readonly #generator: Generator;
  readonly #source: EventSource;
  readonly #skipped = new Set<string>();
  /** Ends the program at once. */
  stopProgram = async () => {};

  constructor(
    deployment: Deployment,
    events: StepEvents,
    server: RpcServer,
    processes: SdkProcesses,
    environment: NodeJS.ProcessEnv,
  ) {
    this.#deployment = deployment;
    this.#events = events;
    this.#server = server;
    this.#processes = processes;
    this.#environment = environment;
    this.#executor = new Executor(deployment, events, deployment.request.parallel);
    this.#source = new EventSource(this.#executor.stopped);
    this.#generator = new Generator(
      deployment,
      async (steps) => (await this.#executor.start(steps)).done,
      () => this.#source.upcoming(),
    );
  }

  async run(): Promise<DeploymentResult["result"]> {
    const { cancel } = this.#deployment.request;
    const stop = () => this.#executor.stop();
    cancel.addEventListener("abort", stop, { once: true });
    if (cancel.aborted) stop();
    let ending: Ending = { ended: "badly", reported: true };
    let finishProgram = async (_gracefully: boolean) => {};
    try {
      if (this.#deployment.request.kind === "destroy") this.#source.end({ ended: "well" });
      else finishProgram = await this.#startProgram();
      ending = await this.#serve();
    } finally {
      cancel.removeEventListener("abort", stop);
      await this.#executor.idle();
      await finishProgram(ending.ended === "well" && !this.#executor.stopped.aborted);
    }
    const failed = ending.ended === "badly" || this.#executor.sawError || this.#generator.sawError;
    await this.#finishStackOutputs(failed);
    if (ending.ended === "badly" && ending.reported) return "failed";
    if (failed) return this.#deployment.failed();
    return cancel.aborted ? this.#deployment.canceled() : "succeeded";
  }

  /** Starts the program and gives the way to its end: waited for when all went well, else at once. */
  async #startProgram(): Promise<(gracefully: boolean) => Promise<void>> {
    const { request, diagnostics } = this.#deployment;
    const source = this.#source;
    const over = Promise.withResolvers<void>();
    const calls = {
      done: () => source.end({ ended: "well" }),
      failed: (message: string) => source.end({ ended: "badly", reported: true, message }),
    };
    const monitor = new Monitor(this.#deployment, (event) => source.push(event), calls, over.promise);
    monitor.addTo(this.#server);
    const program = startProgram(
      request,
      this.#processes,
      this.#environment,
      await this.#server.address(),
      diagnostics,
    );
    this.stopProgram = program.stop;
    program.ended.then(
      (end) => {
        if (end.result === "succeeded") calls.done();
        else source.end({ ended: "badly", reported: true, ...(end.message && { message: end.message }) });
      },
      (error) => calls.failed(messageOf(error)),
    );
    return async (gracefully) => {
      if (!gracefully) monitor.close();
      over.resolve();
      await (gracefully ? program.finish() : program.stop());
    };
  }

  /** Plans and starts steps in the order of the program's calls until it ends or a step fails, then deletes. */
  async #serve(): Promise<Ending> {
    while (true) {
      const next = await this.#source.next();
      if (next === "stopped") return { ended: "well" };
      if ("ended" in next) {
        if (next.ended === "well") return this.#finish();
        if (next.message && !this.#deployment.request.cancel.aborted) {
          this.#deployment.diagnostics.error("", next.message);
        }
        this.#executor.stop();
        return next;
      }
      try {
        await this.#handle(next);
      } catch (error) {
        if (!(error instanceof Bail)) this.#deployment.diagnostics.error(this.#urnOf(next), messageOf(error));
        this.#executor.stop();
        return { ended: "badly", reported: true };
      }
    }
  }

  async #handle(event: SourceEvent): Promise<void> {
    if (event.kind === "outputs") return this.#takeOutputs(event);
    const steps =
      event.kind === "read"
        ? planRead(this.#deployment, event.read)
        : await this.#generator.generate(event.registration);
    const runnable = steps.filter((step) => !this.#isSkipped(step));
    if (runnable.length > 0) await this.#executor.start(runnable);
  }

  /** With --continue-on-error: what needs a failed resource is not run, and its program is told so. */
  #isSkipped(step: Step): boolean {
    for (const failed of this.#executor.failedSteps) this.#skipped.add(failed.urn);
    if (this.#skipped.size === 0) return false;
    const { parent, dependencies } = resourceOf(step);
    if (![parent, ...dependencies].some((urn) => urn !== undefined && this.#skipped.has(urn))) return false;
    this.#skipped.add(step.urn);
    this.#executor.skip(step);
    return true;
  }

  async #takeOutputs(event: SourceEvent & { kind: "outputs" }): Promise<void> {
    const step = this.#executor.pendingOutputs.get(event.urn);
    if (step?.new?.type === STACK_TYPE) this.#source.stackOutputs = { step, outputs: event.outputs };
    else if (!step?.new) {
      throw new Error(`cannot complete a resource '${event.urn}' whose registration isn't pending`);
    } else await this.#setOutputs(step, event.outputs);
    event.done();
  }

  async #setOutputs(step: Step, outputs: PropertyMap): Promise<void> {
    this.#executor.pendingOutputs.delete(step.urn);
    if (step.skippedCreate || !step.new) return;
    step.new.outputs = outputs;
    this.#events.after(step);
    await this.#deployment.ledger.end(undefined, { alter: [step.new] });
  }

  /** The stack's outputs stand when all went well; after a failure they are laid over the old ones. */
  async #finishStackOutputs(failed: boolean): Promise<void> {
    if (!this.#source.stackOutputs) return;
    const { step, outputs } = this.#source.stackOutputs;
    const before = failed ? this.#deployment.olds.get(step.urn)?.outputs : undefined;
    await this.#setOutputs(step, { ...before, ...outputs });
  }

  /** What follows once the program has registered everything. */
  async #finish(): Promise<Ending> {
    const { diagnostics } = this.#deployment;
    const unknown = this.#deployment.unknownOf(this.#deployment.targets);
    for (const urn of unknown) diagnostics.error("", unknownTarget(urn));
    await this.#executor.idle();
    if (this.#executor.stopped.aborted) return { ended: "well" };
    try {
      await runDeletePhase(this.#deployment, this.#executor);
    } catch (error) {
      if (error instanceof Bail) return { ended: "badly", reported: false };
      diagnostics.error("", messageOf(error));
      return { ended: "badly", reported: true };
    }
    return unknown.length > 0 ? { ended: "badly", reported: true } : { ended: "well" };
  }

  #urnOf(event: SourceEvent): string {
    if (event.kind === "outputs") return event.urn;
    return urnOf(this.#deployment, event.kind === "read" ? event.read.goal : event.registration.goal);
  }
}
