// What an update would do to each resource, in this process: the program is run with mocks, and the local providers' own
// `check` and `diff` compare what it registers with what was registered before. Nothing is made. That the engine does what
// the plan says is tested with the engine itself.
import * as pulumi from "@pulumi/pulumi";
import { providers } from "../../../local/providers/index.ts";
import type { LocalProvider } from "../../../local/providers/provider.ts";
import { checked, urnOf, type Values } from "../../providers/support/providers.ts";
import { outputsOf, unmarked } from "./mocks.ts";

/** `update Key`, `replace Bucket` …, each with how many resources take it. */
export type Steps = { [operationAndType: string]: number };

interface Resource {
  type: string;
  name: string;
  inputs: Values;
  outs: Values;
  isProtected: boolean;
}

/** Resources by URN, as one run of the program left them. */
export type Recorded = ReadonlyMap<string, Resource>;

const loaded = new Map<string, Promise<LocalProvider | undefined>>();

function providerOf(type: string): Promise<LocalProvider | undefined> {
  const [name = ""] = type.split(":");
  const provider = loaded.get(name) ?? Promise.resolve(providers[name]?.());
  loaded.set(name, provider);
  return provider;
}

/** What the program registers, beside what was there before, and the steps from the one to the other. */
export async function planned(
  program: () => unknown,
  before: Recorded = new Map(),
): Promise<{ after: Recorded; steps: Steps }> {
  const after = new Map<string, Resource>();
  const isProtected = new Set<string>();
  const ignored = new Map<string, string[]>();
  const steps: Steps = {};
  const count = (operation: string, type: string) => {
    if (type.startsWith("greenlight:")) return;
    const step = `${operation} ${type.split(":").at(-1)}`;
    steps[step] = (steps[step] ?? 0) + 1;
  };
  await pulumi.runtime.setMocks(
    {
      async newResource({ type, name, inputs: given }) {
        const provider = await providerOf(type);
        const urn = urnOf(type, name);
        const old = before.get(urn);
        const kept = (ignored.get(`${type} ${name}`) ?? []).map((input) => [input, old?.inputs[input]]);
        const program = { ...unmarked(given), ...(old && Object.fromEntries(kept)) };
        const inputs = provider ? await checked(provider, urn, old?.inputs ?? {}, program) : program;
        const operation = await operationFor(provider, urn, old, inputs);
        if (operation === "replace" && old?.isProtected) count("refuse to replace", type);
        else if (operation !== "same") count(operation, type);
        // What is made anew has other outputs, which those that depend on it take.
        const chosen = chosenFor(type, operation === "replace" ? `${name}-anew` : name, inputs);
        const outs = { ...(operation === "replace" ? {} : old?.outs), ...chosen, ...inputs };
        after.set(urn, { type, name, inputs, outs, isProtected: isProtected.has(`${type} ${name}`) });
        return { id: String(chosen.name), state: outs };
      },
      call({ token }) {
        throw new Error(`unexpected call of ${token}`);
      },
    },
    "test",
    "test",
    false,
  );
  watchOptions(isProtected, ignored);
  program();
  await pulumi.runtime.disconnect(false);
  for (const [urn, old] of before)
    if (!after.has(urn)) count(old.isProtected ? "refuse to delete" : "delete", old.type);
  return { after, steps };
}

async function operationFor(
  provider: LocalProvider | undefined,
  urn: string,
  old: Resource | undefined,
  inputs: Values,
): Promise<"create" | "same" | "update" | "replace"> {
  if (!old) return "create";
  if (!provider) return JSON.stringify(old.inputs) === JSON.stringify(inputs) ? "same" : "update";
  const { changes, replaces = [] } = await provider.diff(old.name, urn, old.outs, inputs);
  if (!changes) return "same";
  return replaces.length > 0 ? "replace" : "update";
}

/** What a service would choose. */
function chosenFor(type: string, name: string, inputs: Values): Values {
  const hosts = [
    inputs.domainName,
    ...(Array.isArray(inputs.subjectAlternativeNames) ? inputs.subjectAlternativeNames : []),
  ];
  return {
    ...outputsOf(type, name),
    fqdn: `${name}.example.com`,
    domainValidationOptions: hosts.map((domainName) => ({
      domainName,
      resourceRecordName: `_proof.${domainName}`,
      resourceRecordType: "CNAME",
      resourceRecordValue: `_proof.${domainName}.acm-validations.aws`,
    })),
  };
}

/** What Pulumi's SDK sends to the engine. */
interface Request {
  getType(): string;
  getName(): string;
  getProtect(): boolean | undefined;
  getIgnorechangesList(): string[];
}

function watchOptions(isProtected: Set<string>, ignored: Map<string, string[]>): void {
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined) throw new Error("no mocks, want those that were just set");
  const { registerResource } = monitor;
  monitor.registerResource = (request: Request, ...rest: unknown[]) => {
    const resource = `${request.getType()} ${request.getName()}`;
    if (request.getProtect() === true) isProtected.add(resource);
    ignored.set(resource, request.getIgnorechangesList());
    return Reflect.apply(registerResource, monitor, [request, ...rest]);
  };
}
