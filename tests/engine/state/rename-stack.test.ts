import { describe, expect, it } from "vitest";
import { renameStack } from "../../../local/engine/state/rename-stack.ts";
import { SIGNATURE, type Value } from "../../../local/engine/types.ts";
import { RESOURCE_REFERENCE } from "../../../local/engine/value-kinds.ts";
import { resource, secret, urnOf } from "./stacks.ts";

const renamed = (name: string) => urnOf(name).replace(":dev:", ":prod:");
const referenceTo = (urn: string): Value => ({ [SIGNATURE]: RESOURCE_REFERENCE, urn, id: "a-1" });

describe("renaming a stack", () => {
  const state = resource("b", {
    parent: urnOf("a"),
    dependencies: [urnOf("a")],
    propertyDependencies: { n: [urnOf("a")] },
    deletedWith: urnOf("a"),
    replaceWith: [urnOf("a")],
    outputs: {
      evidence: `${urnOf("a")} was checked`,
      urn: urnOf("a"),
      reference: secret([referenceTo(urnOf("a"))]),
      ratio: Number.NaN,
    },
  });
  const { resources, pendingOperations } = renameStack(
    { resources: [state], pendingOperations: [{ resource: state, type: "updating" }] },
    "dev",
    "prod",
  );

  it("renames what names a resource, also in secrets and in what had begun", () => {
    expect(resources[0]).toMatchObject({
      urn: renamed("b"),
      parent: renamed("a"),
      dependencies: [renamed("a")],
      propertyDependencies: { n: [renamed("a")] },
      deletedWith: renamed("a"),
      replaceWith: [renamed("a")],
      outputs: { reference: secret([referenceTo(renamed("a"))]) },
    });
    expect(pendingOperations).toEqual([{ resource: resources[0], type: "updating" }]);
  });

  it("leaves the program's own values as they are", () => {
    const { evidence, urn, ratio } = state.outputs;
    expect(resources[0]?.outputs).toMatchObject({ evidence, urn, ratio });
  });
});
