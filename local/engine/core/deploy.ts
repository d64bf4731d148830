// One deployment from its request to its result: sets up what the run shares, refreshes and updates, and tells how it
// ended. The only entry to the engine's core.
import { RpcServer } from "../rpc/server.ts";
import { Failure } from "../state/failure.ts";
import type { DeploymentRequest, DeploymentResult } from "../types.ts";
import { builtinPlugin } from "./builtins.ts";
import { Deployment } from "./deployment.ts";
import { Diagnostics, pendingOperationsWarning } from "./diagnostics.ts";
import { addEngineService } from "./engine-service.ts";
import { Ledger } from "./ledger.ts";
import { DYNAMIC, PluginHost } from "./plugin-host.ts";
import { ProviderRegistry } from "./provider-registry.ts";
import { runRefresh } from "./refresh.ts";
import { SdkProcesses } from "./sdk-process.ts";
import { StepEvents } from "./step-events.ts";
import { Targets, unknownTarget } from "./targets.ts";
import { UpdatePhase } from "./update-phase.ts";
import { providerType } from "./urn.ts";

/**
 * Runs one preview, update, refresh or destroy. Failures of the program, of providers and of the user's making are
 * diagnostics and a result; nothing is printed.
 * @throws Failure when a refresh or destroy names a target that does not exist, and when the journal cannot be written
 */
export async function deploy(request: DeploymentRequest): Promise<DeploymentResult> {
  const run = new Run(request);
  try {
    return await run.toItsEnd();
  } finally {
    await run.close();
  }
}

class Run {
  readonly #deployment: Deployment;
  readonly #events: StepEvents;
  readonly #host: PluginHost;
  readonly #processes: SdkProcesses;
  readonly #server = new RpcServer();
  readonly #update: UpdatePhase;

  constructor(asked: DeploymentRequest) {
    const preview = asked.kind === "preview" || asked.dryRun === true;
    const request = preview ? { ...asked, base: copyOf(asked.base) } : asked;
    const diagnostics = new Diagnostics(request.emit);
    const environment = { ...process.env, ...request.environment };
    this.#processes = request.processes ?? new SdkProcesses(request.project);
    const builtIn = builtinPlugin(request, (urn) => this.#deployment.news.get(urn));
    this.#events = new StepEvents(request.emit);
    addEngineService(this.#server, diagnostics, request.debugMessages === true);
    this.#host = new PluginHost(request, this.#processes, environment, diagnostics, builtIn, () =>
      this.#server.address(),
    );
    const registry = new ProviderRegistry(
      this.#host,
      preview,
      request.uniqueId ?? (() => crypto.randomUUID()),
    );
    this.#deployment = new Deployment(request, diagnostics, new Ledger(request), registry);
    this.#update = new UpdatePhase(
      this.#deployment,
      this.#events,
      this.#server,
      this.#processes,
      environment,
    );
  }

  async toItsEnd(): Promise<DeploymentResult> {
    const { request, preview, ledger } = this.#deployment;
    const started = performance.now();
    this.#refuseUnknownTargets();
    if (request.cancel.aborted) return this.#result("canceled");
    const cancelProviders = () => void this.#host.cancel();
    request.cancel.addEventListener("abort", cancelProviders, { once: true });
    const config = [...request.config].map(([key, { value, secret }]) => [key, secret ? "[secret]" : value]);
    request.emit({ preludeEvent: { config: Object.fromEntries(config) } });
    const phases = this.#phases();
    // After a kill nobody waits for the phases any more.
    phases.catch(() => {});
    const result = await Promise.race([phases, killed(request.kill)]);
    if (request.kill.aborted) {
      ledger.seal();
      await this.#update.stopProgram();
    }
    request.cancel.removeEventListener("abort", cancelProviders);
    request.emit({
      summaryEvent: {
        maybeCorrupt: this.#events.maybeCorrupt,
        durationSeconds: Math.ceil((performance.now() - started) / 1000),
        resourceChanges: { ...this.#events.changes },
        PolicyPacks: {},
        isPreview: preview,
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
      ...(this.#deployment.refused && { refused: true }),
    };
  }

  async close(): Promise<void> {
    this.#processes.close();
    await this.#host.close();
    this.#server.close();
  }

  /** Refresh, then program and deletions: each as far as the one before went well. */
  async #phases(): Promise<DeploymentResult["result"]> {
    const { request, preview, diagnostics, resources } = this.#deployment;
    const { kind, refresh, base, cancel, parallel } = request;
    const usesDynamic = resources.some(({ type }) => type === providerType(DYNAMIC));
    if (usesDynamic) this.#host.prepareDynamic();
    if (kind === "refresh" || refresh) {
      if (resources.length > 0 && this.#saysUnknown(this.#deployment.targets)) return "failed";
      const allRead = await runRefresh(this.#deployment, this.#events, parallel, cancel);
      if (!allRead) return this.#deployment.failed();
      if (cancel.aborted) return this.#deployment.canceled();
      if (kind === "refresh") return "succeeded";
    } else if (base.pendingOperations.length > 0 && !preview) {
      diagnostics.warning("", pendingOperationsWarning(base.pendingOperations));
    }
    // What --replace names must exist before the program runs.
    if (this.#saysUnknown(new Targets(request.replace))) return "failed";
    return this.#update.run();
  }

  #saysUnknown(targets: Targets): boolean {
    const unknown = this.#deployment.unknownOf(targets);
    for (const urn of unknown) this.#deployment.diagnostics.error("", unknownTarget(urn));
    return unknown.length > 0;
  }

  #refuseUnknownTargets(): void {
    const { request } = this.#deployment;
    if (request.kind !== "refresh" && request.kind !== "destroy") return;
    const unknown = this.#deployment.unknownOf(this.#deployment.targets);
    if (unknown.length > 0) throw new Failure(unknown.map(unknownTarget).join("\n"));
  }
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
