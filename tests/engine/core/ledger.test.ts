import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ledger } from "../../../local/engine/core/ledger.ts";
import type { DeploymentRequest, ResourceState } from "../../../local/engine/types.ts";
import { MemoryJournal } from "./run-program.ts";
import { stateNamed, urnNamed } from "./state.ts";

function ledgerOf(base: ResourceState[], rest: Partial<DeploymentRequest> = {}) {
  const journal = new MemoryJournal(base);
  const request: DeploymentRequest = {
    kind: "update",
    project: { name: "p", root: "/p", programDirectory: "/p", entry: ".", runtimeOptions: {} },
    stack: "dev",
    organization: "organization",
    config: new Map(),
    base: { resources: base, pendingOperations: [] },
    journal,
    parallel: 1,
    emit() {},
    cancel: new AbortController().signal,
    kill: new AbortController().signal,
    ...rest,
  };
  return { ledger: new Ledger(request), journal };
}

describe("ledger", () => {
  it("tells the journal enough to restore the stack after every change, whatever the order", async () => {
    const kinds = fc.array(fc.constantFrom("keep", "keep and save", "update", "delete", "create"), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(kinds, async (changes) => {
        const base = changes.map((_, index) => stateNamed(`r${index}`));
        const { ledger, journal } = ledgerOf(base);
        for (const [index, kind] of changes.entries()) {
          const old = base[index] ?? stateNamed("none");
          const next = { ...old };
          if (kind === "keep" || kind === "keep and save") ledger.keep(old, next);
          if (kind === "keep and save") await ledger.end(undefined);
          if (kind === "update")
            await ledger.end(await ledger.begin("updating", next), { put: [next], drop: [old] });
          if (kind === "delete") await ledger.end(await ledger.begin("deleting", old), { drop: [old] });
          if (kind === "create") await ledger.end(undefined, { put: [stateNamed(`new${index}`)] });
        }
        await ledger.end(undefined);
        expect(journal.restored()).toEqual(ledger.snapshot().resources);
        expect(journal.open.size).toBe(0);
      }),
    );
  });

  it("lists this run's resources as they were finished, then those not touched", async () => {
    const [a, b, c] = [stateNamed("a"), stateNamed("b"), stateNamed("c")];
    const { ledger } = ledgerOf([a, b, c]);
    const next = { ...c };
    ledger.keep(c, next);
    expect(ledger.snapshot().resources).toEqual([next, a, b]);
  });

  it("shows an operation as pending from its beginning to its end", async () => {
    const { ledger } = ledgerOf([]);
    const operation = await ledger.begin("creating", stateNamed("a"));
    expect(ledger.snapshot().pendingOperations).toEqual([operation]);
    await ledger.end(operation);
    expect(ledger.snapshot().pendingOperations).toEqual([]);
  });

  it("keeps pending operations of creations, unless they are to be forgotten, and no others", () => {
    const creating = { type: "creating" as const, resource: stateNamed("a") };
    const base = { resources: [], pendingOperations: [creating, { ...creating, type: "updating" as const }] };
    expect(ledgerOf([], { base }).ledger.snapshot().pendingOperations).toEqual([creating]);
    const forgotten = ledgerOf([], { base, clearPendingCreates: true });
    expect(forgotten.ledger.snapshot().pendingOperations).toEqual([]);
  });

  it("leaves an operation on record when the run is given up in it", async () => {
    const { ledger, journal } = ledgerOf([]);
    const operation = await ledger.begin("creating", stateNamed("a"));
    ledger.seal();
    await ledger.end(operation, { put: [stateNamed("a")] });
    expect(journal.open).toEqual(new Set([operation]));
    expect(ledger.snapshot()).toEqual({ resources: [], pendingOperations: [operation] });
    await expect(ledger.begin("creating", stateNamed("b"))).rejects.toThrow("given up");
  });

  it("writes the new name of a renamed resource everywhere once it is there, and not before", async () => {
    const old = stateNamed("old");
    const child = stateNamed("child", {
      parent: urnNamed("old"),
      dependencies: [urnNamed("old"), urnNamed("other")],
      propertyDependencies: { k: [urnNamed("old")], none: [] },
      provider: `${urnNamed("old")}::id`,
    });
    const { ledger } = ledgerOf([old, child]);
    ledger.rename(urnNamed("old"), urnNamed("new"));
    expect(ledger.snapshot().resources).toEqual([old, child]);
    // The old one still waits for its deletion.
    await ledger.end(undefined, { put: [stateNamed("new")] });
    expect(ledger.snapshot().resources).toMatchObject([
      { urn: urnNamed("new") },
      { urn: urnNamed("new") },
      {
        urn: urnNamed("child").replace("::a:b:C::", "::a:b:C$a:b:C::"),
        parent: urnNamed("new"),
        dependencies: [urnNamed("new"), urnNamed("other")],
        propertyDependencies: { k: [urnNamed("new")] },
        provider: `${urnNamed("new")}::id`,
      },
    ]);
  });
});
