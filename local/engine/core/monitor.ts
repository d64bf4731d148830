// The resource monitor that programs talk to: turns their calls into registrations for the generator, in the order in
// which they come, and answers when a step has run. Ends quietly: calls that are open then get UNAVAILABLE.
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import proto from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Message, MessageType } from "../rpc/message.ts";
import { method, type RpcServer } from "../rpc/server.ts";
import { RpcError, STATUS } from "../rpc/status.ts";
import type { PropertyMap } from "../types.ts";
import { assetsWithHashes } from "./assets.ts";
import { DefaultProviders } from "./default-providers.ts";
import type { Deployment } from "./deployment.ts";
import { unsupported } from "./diagnostics.ts";
import { deploymentInfo, hasFeature } from "./features.ts";
import type { Goal, ReadRegistration, RegisterResult, Registration } from "./goal.ts";
import { invokeFunction } from "./invoke.ts";
import { goalOf, inheritedProvider, readGoalOf, requireSupported } from "./resource-options.ts";
import { fromStruct, toStruct } from "./struct.ts";
import { isProviderType, packageOf } from "./urn.ts";
import { mapLowered } from "./values.ts";

/** What the program did, in order. */
export type SourceEvent =
  | { kind: "register"; registration: Registration }
  | { kind: "read"; read: ReadRegistration }
  | { kind: "outputs"; urn: string; outputs: PropertyMap; done(): void; failed(error: Error): void };

/** What the program does beside registering. */
interface ProgramCalls {
  /** It will register nothing more. */
  done(): void;
  /** It asked for something that this engine does not have. */
  failed(message: string): void;
}

/** The typings name only the first two of the protocol's results. */
const SKIPPED = 2 as typeof proto.Result.FAIL;
const RESULTS = { success: proto.Result.SUCCESS, fail: proto.Result.FAIL, skip: SKIPPED };

export class Monitor {
  readonly #deployment: Deployment;
  readonly #defaults: DefaultProviders;
  readonly #receive: (event: SourceEvent) => void;
  readonly #goals = new Map<string, Goal>();
  readonly #componentProviders = new Map<string, Map<string, string>>();
  #closed = false;
  /** Ends each call that is not answered yet. */
  readonly #closing = Promise.withResolvers<never>();
  readonly #program: ProgramCalls;
  /** Settles when the deployment is over: lets a program that waits for it end. */
  readonly #shutdown: Promise<void>;

  constructor(
    deployment: Deployment,
    receive: (event: SourceEvent) => void,
    program: ProgramCalls,
    shutdown: Promise<void>,
  ) {
    this.#deployment = deployment;
    this.#program = program;
    this.#receive = receive;
    this.#shutdown = shutdown;
    this.#closing.promise.catch(() => {});
    this.#defaults = new DefaultProviders(deployment.request, (goal) => this.#submit(goal));
  }

  /** Ends all open calls, and those to come, quietly. */
  close(): void {
    this.#closed = true;
    this.#closing.reject(new RpcError(STATUS.unavailable, "resource monitor shut down"));
  }

  addTo(server: RpcServer): void {
    const answer = <Request>(type: MessageType<Request>, handle: (request: Request) => Promise<Message>) =>
      method(type, (request: Request) =>
        this.#closed ? this.#closing.promise : Promise.race([this.#closing.promise, handle(request)]),
      );
    // Not every refusal would come through the SDK readably, so the run is failed from here.
    const refuse = (feature: string) =>
      answer(empty.Empty, (): Promise<never> => {
        this.#program.failed(unsupported(feature).message);
        return new Promise(() => {});
      });
    server.add("pulumirpc.ResourceMonitor", {
      GetDeploymentInfo: answer(empty.Empty, async () => {
        const { request, preview } = this.#deployment;
        return deploymentInfo(request, preview);
      }),
      SupportsFeature: answer(proto.SupportsFeatureRequest, async (request) => {
        const reply = new proto.SupportsFeatureResponse();
        reply.setHassupport(hasFeature(request.getId()));
        return reply;
      }),
      RegisterResource: answer(proto.RegisterResourceRequest, (request) => this.#registerResource(request)),
      RegisterResourceOutputs: answer(proto.RegisterResourceOutputsRequest, (request) =>
        this.#registerOutputs(request),
      ),
      ReadResource: answer(proto.ReadResourceRequest, (request) => this.#readResource(request)),
      Invoke: answer(proto.ResourceInvokeRequest, (request) => this.#invoke(request)),
      Call: refuse("methods of remote components"),
      ExistsResource: refuse("existence checks of resources"),
      RegisterStackTransform: refuse("stack transforms"),
      RegisterStackInvokeTransform: refuse("stack invoke transforms"),
      RegisterResourceHook: refuse("resource hooks"),
      RegisterErrorHook: refuse("error hooks"),
      RegisterPackage: refuse("parameterized packages"),
      SignalAndWaitForShutdown: answer(empty.Empty, async () => {
        this.#program.done();
        await this.#shutdown;
        return new empty.Empty();
      }),
    });
  }

  #submit(goal: Goal): Promise<RegisterResult> {
    return new Promise((resolve) => {
      this.#receive({ kind: "register", registration: { goal, done: resolve } });
    });
  }

  async #registerResource(request: RegisterResourceRequest) {
    requireSupported(request);
    const parent = this.#goals.get(request.getParent());
    const custom = request.getCustom();
    const named = inheritedProvider(request, parent);
    const provider =
      custom && !isProviderType(request.getType()) ? await this.#providerOf(request, named) : undefined;
    const goal = goalOf(request, parent, provider, this.#deployment.request.project.root);
    goal.properties = await assetsWithHashes(
      goal.properties,
      this.#deployment.request.project.programDirectory,
    );
    if (isProviderType(goal.type)) goal.properties = versioned(goal.properties, request.getVersion());
    const { state, result, unknown } = await this.#submit(goal);
    this.#goals.set(state.urn, goal);
    if (!custom) this.#componentProviders.set(state.urn, this.#providersOf(request));
    const reply = new proto.RegisterResourceResponse();
    reply.setUrn(state.urn);
    reply.setId(state.id ?? "");
    reply.setObject(toStruct(custom ? state.outputs : {}));
    reply.setResult(RESULTS[result]);
    reply.setUnknown(unknown === true);
    return reply;
  }

  /** Providers that children of a component get: its own, and its parent's where it has none of that package. */
  #providersOf(request: RegisterResourceRequest): Map<string, string> {
    const providers = new Map(this.#componentProviders.get(request.getParent()));
    request.getProvidersMap().forEach((reference, pkg) => {
      providers.set(pkg, reference);
    });
    return providers;
  }

  async #providerOf(request: RegisterResourceRequest, named: string | undefined): Promise<string> {
    const pkg = packageOf(request.getType());
    const passed =
      request.getProvidersMap().get(pkg) ?? this.#componentProviders.get(request.getParent())?.get(pkg);
    return named ?? passed ?? this.#defaults.get(providerRequest(pkg, request));
  }

  async #registerOutputs(request: RegisterResourceOutputsRequest) {
    const outputs = await assetsWithHashes(
      mapLowered(fromStruct(request.getOutputs())),
      this.#deployment.request.project.programDirectory,
    );
    await new Promise<void>((done, failed) => {
      this.#receive({ kind: "outputs", urn: request.getUrn(), outputs, done, failed });
    });
    return new empty.Empty();
  }

  async #readResource(request: ReadResourceRequest) {
    const type = request.getType();
    if (request.getPackageref()) throw unsupported("parameterized packages");
    const provider =
      request.getProvider() || (await this.#defaults.get(providerRequest(packageOf(type), request)));
    const goal = readGoalOf(request, provider, this.#deployment.request.project.root);
    const { state, result } = await new Promise<RegisterResult>((done) => {
      this.#receive({ kind: "read", read: { goal, done } });
    });
    const reply = new proto.ReadResourceResponse();
    reply.setUrn(state.urn);
    reply.setProperties(toStruct(state.outputs));
    reply.setResult(RESULTS[result]);
    return reply;
  }

  async #invoke(request: ResourceInvokeRequest) {
    if (request.getPackageref()) throw unsupported("parameterized packages");
    const token = request.getTok();
    const pkg = packageOf(token);
    const passed = request.getParent() && this.#componentProviders.get(request.getParent())?.get(pkg);
    const reference =
      request.getProvider() || passed || (await this.#defaults.get(providerRequest(pkg, request)));
    return invokeFunction(this.#deployment, reference, request);
  }
}

function providerRequest(pkg: string, request: { getVersion(): string; getPlugindownloadurl(): string }) {
  return { pkg, version: request.getVersion(), downloadUrl: request.getPlugindownloadurl() };
}

function versioned(properties: PropertyMap, version: string): PropertyMap {
  return version ? { ...properties, version, __internal: properties.__internal ?? {} } : properties;
}
