// What every resource type of a local provider must do, whatever it is: one suite, run with the data of each type.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalProvider } from "../../../local/providers/provider.ts";
import { checked, configured, type Deployed, Deployment, urnOf, type Values } from "./providers.ts";

export interface Case {
  type: string;
  /** Logical name. @default "thing" */
  name?: string;
  /** Makes what the resource refers to, and returns the program's inputs. */
  program(deployment: Deployment): Promise<Values> | Values;
  /** Properties changed in place; the same change stands for what somebody else does behind Pulumi's back. */
  update?: Values;
  /** Properties whose change replaces the resource. */
  replace: Values;
  /** Why the resource is still there after its deletion. */
  remains?: string;
}

/** Runs the suite for the resource types of one package. */
export function conforms(packageName: string, cases: Case[]): void {
  for (const one of cases) describe(one.type, () => suite(packageName, one));
}

function suite(packageName: string, { type, name = "thing", program, update, replace, remains }: Case): void {
  const urn = urnOf(type, name);
  let provider: LocalProvider;
  let needs: Deployment;
  let given: Values;
  let made: Deployed;

  beforeAll(async () => {
    provider = await configured(packageName);
    needs = new Deployment(provider);
    given = await program(needs);
    const inputs = await checked(provider, urn, {}, given);
    const { id, outs } = await provider.create(urn, inputs);
    made = { id, urn, inputs, outs };
  });

  afterAll(async () => {
    await needs.remove();
    await provider.cancel();
  });

  const diff = (outs: Values, inputs: Values) => provider.diff(made.id, urn, outs, inputs);

  it("is as wanted once it is made", async () => {
    expect(made.outs).toMatchObject(withoutUnseen(given, made.outs));
    expect(await diff(made.outs, made.inputs)).toMatchObject({ changes: false, detailedDiff: {} });
  });

  it("is read back as it was made", async () => {
    const read = await provider.read(made.id, urn, made.outs, made.inputs);
    expect(read).toEqual({ id: made.id, props: made.outs, inputs: made.inputs });
  });

  it("keeps its checked inputs on the next run", async () => {
    expect(await checked(provider, urn, made.inputs, given)).toEqual(made.inputs);
  });

  it.each(Object.entries(replace))("is replaced when %s changes", async (property, value) => {
    const inputs = await checked(provider, urn, made.inputs, { ...given, [property]: value });
    const result = await diff(made.outs, inputs);
    expect(result.replaces).toEqual([property]);
  });

  it("refuses a property that it does not support", async () => {
    const { failures } = await provider.check(urn, {}, { ...given, unheardOf: 1 });
    expect(failures).toEqual([
      {
        property: "unheardOf",
        reason: `${type}: property "unheardOf" is not supported by the local provider`,
      },
    ]);
  });

  if (update) {
    let updated: Values;

    it("is changed in place", async () => {
      const inputs = await checked(provider, urn, made.inputs, { ...given, ...update });
      const planned = await diff(made.outs, inputs);
      expect(planned.replaces).toEqual([]);
      expect(planned.diffs.toSorted()).toEqual(Object.keys(update).toSorted());

      updated = (await provider.update(made.id, urn, made.outs, inputs)).outs;
      expect(await diff(updated, inputs)).toMatchObject({ changes: false });
      const read = await provider.read(made.id, urn, updated, inputs);
      expect(read).toEqual({ id: made.id, props: updated, inputs });
    });

    it("shows on refresh what somebody else changed", async () => {
      const read = await provider.read(made.id, urn, made.outs, made.inputs);
      const drifted = await diff(read.props, made.inputs);
      expect(drifted.diffs.toSorted()).toEqual(Object.keys(update).toSorted());
      expect(read.inputs).not.toEqual(made.inputs);
      // And the next run brings it back.
      const back = await provider.update(made.id, urn, read.props, made.inputs);
      expect(await diff(back.outs, made.inputs)).toMatchObject({ changes: false });
    });
  }

  it(
    remains ? `can be deleted twice (${remains})` : "is gone once deleted, and can be deleted again",
    async () => {
      await provider.delete(made.id, urn, made.outs);
      const read = await provider.read(made.id, urn, made.outs, made.inputs);
      expect(read.id).toBe(remains ? made.id : "");
      await expect(provider.delete(made.id, urn, made.outs)).resolves.toBeUndefined();
    },
  );
}

/** Of what the program gave, that which can be compared as it stands: texts of JSON may be written otherwise. */
function withoutUnseen(given: Values, outs: Values): Values {
  return Object.fromEntries(
    Object.entries(given).filter(
      ([key, value]) => typeof value !== "object" && typeof outs[key] === typeof value,
    ),
  );
}
