import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import type { Step } from "../../../checks/step/resource.ts";
import { Sequence } from "../../../checks/step/sequence.ts";
import { recordResources } from "../../infra/support/mocks.ts";

/** Names of what each was told to wait for. */
const waited: { [step: string]: string[] } = {};

/** A step without a check behind it, which says what it was told to wait for. */
class Trial extends pulumi.CustomResource {
  readonly label: string;
  declare readonly result: Step["result"];
  declare readonly observations: Step["observations"];
  declare readonly facts: Step["facts"];
  declare readonly startedAt: Step["startedAt"];
  declare readonly finishedAt: Step["finishedAt"];
  declare readonly durationSeconds: Step["durationSeconds"];
  declare readonly digest: Step["digest"];
  declare readonly accepted: Step["accepted"];
  declare readonly outcome: Step["outcome"];
  declare readonly verdicts: Step["verdicts"];

  constructor(name: string, args: pulumi.Inputs, options: pulumi.CustomResourceOptions) {
    super("test:index:Trial", name, args, options);
    this.label = name;
    const { dependsOn = [] } = options;
    waited[name] = Array.isArray(dependsOn)
      ? dependsOn.map((one) => (one instanceof Trial ? one.label : "?"))
      : ["?"];
  }
}

beforeAll(recordResources);

describe("a sequence", () => {
  it("has each step wait for the one before, and the first after it for all that exists", () => {
    const sequence = new Sequence();
    const existing = ["bucket", "database"].map((name) => new Trial(name, {}, {}));
    sequence.add(Trial, "gate", {});
    sequence.waitFor(existing);
    for (const name of ["first", "second", "third"]) sequence.add(Trial, name, {});
    expect(waited).toMatchObject({
      gate: [],
      first: ["bucket", "database", "gate"],
      second: ["first"],
      third: ["second"],
    });
  });
});
