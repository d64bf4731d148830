// A check as a Pulumi resource. The provider below is what Pulumi stores with each resource: it names the code to run by path
// and holds none of it, so that editing a check changes no state and delete or refresh always run today's code.
import * as pulumi from "@pulumi/pulumi";
import type { Facts, Observation, Result } from "./definition.ts";
import type { Outcome } from "./outcome.ts";

const provider: pulumi.dynamic.ResourceProvider = {
  async check(_olds, news) {
    return (await import(`${process.cwd()}/checks/step/host.ts`)).check(news);
  },
  async diff(_id, olds, news) {
    return (await import(`${process.cwd()}/checks/step/host.ts`)).diff(olds, news);
  },
  async create(inputs) {
    return (await import(`${process.cwd()}/checks/step/host.ts`)).execute(inputs);
  },
  async update(id, olds, news) {
    return (await import(`${process.cwd()}/checks/step/host.ts`)).execute(news, id, olds);
  },
  async delete(_id, props) {
    return (await import(`${process.cwd()}/checks/step/host.ts`)).remove(props);
  },
  async read(id, props) {
    return { id, props };
  },
};

/** Options that every step takes from the stack's settings. */
export interface StepOptions {
  /** @default the check's own deadline */
  deadlineSeconds?: number;
  /** `advisory` records a failure and goes on. @default "mandatory" */
  enforcement?: "mandatory" | "advisory";
  /** Failures that a named person accepted until a day. @default none */
  waivers?: { observation: string; person: string; reason: string; expires: string }[];
}

/** One step of a deployment: runs a check during `pulumi up` and keeps what it observed as outputs. */
export class Step extends pulumi.dynamic.Resource {
  declare readonly result: pulumi.Output<Result>;
  declare readonly observations: pulumi.Output<Observation[]>;
  declare readonly facts: pulumi.Output<Facts>;
  declare readonly startedAt: pulumi.Output<string>;
  declare readonly finishedAt: pulumi.Output<string>;
  declare readonly durationSeconds: pulumi.Output<number>;
  declare readonly digest: pulumi.Output<string>;
  /** Faults that did not stop the update, with why; undefined where there is none. */
  declare readonly accepted: pulumi.Output<string[] | undefined>;

  /** @param kind the file in checks/ without its ending, e.g. `smoke`. */
  constructor(kind: string, name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    const evidence = {
      result: undefined,
      observations: undefined,
      facts: undefined,
      startedAt: undefined,
      finishedAt: undefined,
      durationSeconds: undefined,
      digest: undefined,
      accepted: undefined,
    } satisfies {
      [K in Exclude<keyof Outcome, "kind" | "name" | "waivers" | "afterFailure" | "earlier">]: undefined;
    };
    // Taken out again by check: it never gets into the state.
    const preview = pulumi.runtime.isDryRun();
    super(provider, name, { ...evidence, ...args, kind, name, preview }, opts, "greenlight", typeName(kind));
  }

  /** What it judged, without what it saw: texts and figures of all steps are a great deal to hand on. */
  get verdicts(): pulumi.Output<{ result: Result; observations: Pick<Observation, "id" | "result">[] }> {
    return pulumi.all([this.result, this.observations]).apply(([result, observations]) => ({
      result,
      observations: observations.map((one) => ({ id: one.id, result: one.result })),
    }));
  }

  /** The whole outcome, e.g. for a release record. */
  get outcome(): pulumi.Output<
    Pick<
      Outcome,
      "result" | "observations" | "facts" | "accepted" | "startedAt" | "finishedAt" | "durationSeconds"
    >
  > {
    const { result, observations, facts, accepted, startedAt, finishedAt, durationSeconds } = this;
    return pulumi.output({
      result,
      observations,
      facts,
      accepted,
      startedAt,
      finishedAt,
      durationSeconds,
    });
  }
}

function typeName(kind: string): string {
  return kind
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
