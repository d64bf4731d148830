import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deletionLayers,
  dependentsOf,
  referencesOf,
  transitiveReferences,
  withoutDangling,
} from "../../../local/engine/core/references.ts";
import type { ResourceState } from "../../../local/engine/types.ts";
import { stateNamed, urnNamed } from "./state.ts";

const PROVIDER = "pulumi:providers:a";

/** A stack in topological order: each resource refers only to earlier ones, in any of the ways there are. */
const stacks: fc.Arbitrary<ResourceState[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        "parent",
        "dependency",
        "property",
        "deletedWith",
        "replaceWith",
        "provider",
        "nothing",
      ),
      at: fc.nat(),
      component: fc.boolean(),
      condemned: fc.boolean(),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((rows) => {
    const states: ResourceState[] = [stateNamed("provider", { type: PROVIDER })];
    for (const [index, { kind, at, component }] of rows.entries()) {
      const target = states[at % states.length]?.urn ?? "";
      states.push(
        stateNamed(`r${index}`, {
          custom: !component,
          ...(kind === "parent" && { parent: target }),
          ...(kind === "dependency" && { dependencies: [target] }),
          ...(kind === "property" && { propertyDependencies: { k: [target] } }),
          ...(kind === "deletedWith" && { deletedWith: target }),
          ...(kind === "replaceWith" && { replaceWith: [target] }),
          ...(kind === "provider" && { provider: `${urnNamed("provider", PROVIDER)}::provider-1` }),
        }),
      );
    }
    return states;
  });

describe("deletion layers", () => {
  it("hold every condemned resource once, and none before what refers to it", () => {
    fc.assert(
      fc.property(stacks, fc.func(fc.boolean()), (states, choose) => {
        const condemned = new Set(states.filter((state) => choose(state.urn)));
        const layers = deletionLayers(states, condemned);
        expect(layers.flat().length).toBe(condemned.size);
        expect(new Set(layers.flat())).toEqual(condemned);
        const layerOf = new Map(
          layers.flatMap((layer, index) => layer.map((state) => [state.urn, index] as const)),
        );
        for (const state of condemned) {
          const needed = [...referencesOf(state), ...(state.parent ? [state.parent] : [])];
          for (const urn of needed) {
            const other = layerOf.get(urn);
            if (other !== undefined) expect(other).toBeGreaterThan(layerOf.get(state.urn) ?? Number.NaN);
          }
        }
      }),
    );
  });

  it("put the children of a component that is referred to after what refers to it", () => {
    const component = stateNamed("component", { custom: false });
    const child = stateNamed("child", { parent: component.urn });
    const user = stateNamed("user", { dependencies: [component.urn] });
    const states = [component, child, user];
    expect(deletionLayers(states, new Set(states))).toEqual([[user], [child], [component]]);
  });

  it("are counted from the root: what nothing refers to may wait", () => {
    const a = stateNamed("a");
    const b = stateNamed("b");
    const c = stateNamed("c", { dependencies: [b.urn] });
    expect(deletionLayers([a, b, c], new Set([a, b, c]))).toEqual([[c], [a, b]]);
  });
});

describe("dependents", () => {
  const root = stateNamed("root");
  const direct = stateNamed("direct", { propertyDependencies: { k: [root.urn] } });
  const indirect = stateNamed("indirect", { dependencies: [direct.urn] });
  const child = stateNamed("child", { parent: root.urn });
  const states = [root, direct, indirect, child];

  it("are found through others, children only when asked for", () => {
    expect(dependentsOf(states, root, () => false, false)).toEqual([direct, indirect]);
    expect(dependentsOf(states, root, () => false, true)).toEqual([direct, indirect, child]);
  });

  it("are not looked for behind an ignored one", () => {
    expect(dependentsOf(states, root, (urn) => urn === direct.urn, false)).toEqual([]);
  });

  it("keep in place whatever a resource that cannot go needs", () => {
    expect(transitiveReferences(states, [indirect])).toEqual(new Set([direct, root]));
    expect(transitiveReferences(states, [child])).toEqual(new Set([root]));
  });

  it("keep the new one of a replacement for what is new, and the old one for what waits with it", () => {
    const fresh = stateNamed("twice");
    const waiting = { ...fresh, id: "old", delete: true };
    const user = stateNamed("user", { dependencies: [fresh.urn] });
    const old = { ...user, id: "older", delete: true };
    const all = [fresh, waiting, user, old];
    expect(transitiveReferences(all, [user])).toEqual(new Set([fresh]));
    expect(transitiveReferences(all, [old])).toEqual(new Set([waiting]));
    expect(transitiveReferences([waiting, user], [user])).toEqual(new Set([waiting]));
  });
});

describe("a stack from which resources are gone", () => {
  it("refers only to what is left before it", () => {
    fc.assert(
      fc.property(stacks, fc.func(fc.boolean()), (states, choose) => {
        const isGone = (state: ResourceState) => state.type !== PROVIDER && choose(state.urn) === true;
        const left = withoutDangling(states.filter((state) => !isGone(state)));
        const present = new Set<string>();
        for (const state of left) {
          for (const urn of referencesOf(state)) expect(present).toContain(urn);
          if (state.parent) expect(present).toContain(state.parent);
          present.add(state.urn);
        }
        expect(left.length).toBe(states.filter((state) => !isGone(state)).length);
      }),
    );
  });

  it("leaves children of what is gone without a parent", () => {
    const top = stateNamed("top");
    const middle = stateNamed("middle", { parent: top.urn });
    const leaf = stateNamed("leaf", { parent: middle.urn });
    expect(withoutDangling([top, leaf]).map(({ parent }) => parent)).toEqual([undefined, undefined]);
  });
});
