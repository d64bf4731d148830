// Pulumi's own mocks: records what a program registers and answers outputs of the right form. They show what is asked for,
// not that a service accepts it.
import * as pulumi from "@pulumi/pulumi";
import debuggable from "@pulumi/pulumi/runtime/debuggable.js";
import { forgetPromiseStacks } from "../../../local/engine/sdk/promise-stacks.ts";

forgetPromiseStacks(debuggable);

/** A resource as the program registered it; a secret is `{ secret: value }`. */
export interface Registered {
  type: string;
  name: string;
  inputs: { [name: string]: unknown };
}

export const registered: Registered[] = [];

/** Starts recording anew; a call of a function of a provider fails the test. */
export async function recordResources(): Promise<void> {
  registered.length = 0;
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        registered.push({ type, name, inputs: Object.fromEntries(Object.entries(inputs).map(marked)) });
        return { id: `${name}-id`, state: { ...outputsOf(type, name), ...inputs } };
      },
      call({ token }) {
        throw new Error(`unexpected call of ${token}`);
      },
    },
    "test",
    "test",
    false,
  );
}

/** How Pulumi marks a secret on the wire. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

function marked([key, value]: [string, unknown]): [string, unknown] {
  const isSecret = value !== null && typeof value === "object" && SIGNATURE in value && "value" in value;
  return [key, isSecret ? { secret: value.value } : value];
}

/** The same values without the marks of secrets. */
export function unmarked(inputs: { [name: string]: unknown }): { [name: string]: unknown } {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    if (SIGNATURE in value && "value" in value) return plain(value.value);
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  };
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, plain(value)]));
}

/** Outputs that a service would choose. */
export function outputsOf(type: string, name: string): { [name: string]: unknown } {
  return {
    arn: `arn:aws:${type.split(":")[1]?.split("/")[0]}:us-east-1:123456789012:${name}`,
    result: `generated-${name}`,
    bucket: name,
    url: `https://${name}.amazonaws.com`,
    bucketRegionalDomainName: `${name}.s3.us-east-1.amazonaws.com`,
    domainName: `${name}.cloudfront.net`,
    primaryEndpointAddress: `${name}.cache.amazonaws.com`,
    port: 6379,
    versionId: `${name}-version`,
    hostedZoneId: "Z2FDTNDATAQYW2",
    domainValidationOptions: ["www", "panel"].map((host) => ({
      domainName: `${host}.example.com`,
      resourceRecordName: `_proof.${host}.example.com`,
      resourceRecordType: "CNAME",
      resourceRecordValue: `_proof.${host}.acm-validations.aws`,
    })),
    name,
  };
}

/** Waits until everything that the component registers, its children too, has been recorded. */
export async function made<T>(component: T): Promise<T> {
  await pulumi.runtime.disconnect(false);
  return component;
}

/** The value of an output. */
export function plain<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** Inputs of the only resource of a type, or of the one with that name. */
export function inputsOf(type: string, name?: string): { [name: string]: unknown } {
  const found = registered.filter((one) => one.type === type && (name === undefined || one.name === name));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`${type} ${name ?? ""}: ${found.length} registered, want one`);
  return only.inputs;
}

/** A policy document that was registered as JSON. */
export function policyOf(inputs: { [name: string]: unknown }): { [name: string]: unknown }[] {
  return JSON.parse(String(inputs.policy)).Statement;
}
