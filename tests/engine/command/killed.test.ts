// Updates killed with SIGKILL: between steps, inside every kind of step; what the next commands make of it.
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { descendants, signal } from "../parity/process-tree.ts";
import { Workplace } from "../workplace.ts";

let place: Workplace;
beforeEach(async () => {
  place = new Workplace();
  await place.must("stack", "init", "dev");
});
afterEach(() => place.close());

const names = ["a", "b", "c", "d"];
const chain = (behave: object = {}, key = "1") => ({
  resources: names.map((name, index) => ({
    name,
    kind: "dynamic",
    inputs: { key, ...(index > 0 && { v: { $ref: `${names[index - 1]}.out` } }) },
  })),
  outputs: { last: { $ref: "d.out" } },
  behave,
});

/** Starts a command and kills it with everything it started once the provider has been called so. */
async function killDuring(call: string, ...args: string[]): Promise<void> {
  const before = place.calls().length;
  const over = new AbortController();
  const { code } = await place.run([...args, "--yes", "--skip-preview"], {
    started: async (pid) => {
      while (!over.signal.aborted && !place.calls().slice(before).includes(call)) await wait(20);
      for (const target of [...descendants(pid), pid]) signal(target, "SIGKILL");
    },
  });
  over.abort();
  expect(code).toBe("SIGKILL");
}

async function finish(): Promise<void> {
  place.declare(chain({}, "2"));
  await place.must("up", "--yes", "--skip-preview");
  await place.must("refresh", "--yes", "--skip-preview", "--clear-pending-creates");
  await place.must("up", "--yes", "--skip-preview", "--expect-no-changes");
}

describe("an update that was killed", () => {
  it.each([
    ["create c", {}, "1", ["creating"]],
    ["update b", { b: { delay: 20_000 } }, "1", ["updating"]],
    ["delete a", { a: { deleteDelay: 20_000 } }, "2", ["deleting"]],
  ] as const)(
    "inside %s loses nothing, doubles nothing and is finished by the next one",
    { timeout: 240_000 },
    async (call, behave, key, pending) => {
      if (call !== "create c") {
        place.declare(chain());
        await place.must("up", "--yes", "--skip-preview");
      }
      const slow = call === "create c" ? { c: { delay: 20_000 } } : behave;
      const changed = chain(slow, key);
      if (call === "update b")
        changed.resources[1] = { name: "b", kind: "dynamic", inputs: { key, v: "changed" as never } };
      place.declare(changed);
      await killDuring(call, "up");

      const { deployment } = await place.export();
      expect(deployment.pending_operations?.map(({ type }) => type)).toEqual(pending);
      const created = new Set(place.calls().filter((line) => line.startsWith("create ") && line !== call));
      const known = new Set(deployment.resources?.map(({ inputs }) => `create ${inputs?.n}`));
      expect([...created].filter((line) => !known.has(line))).toEqual([]);

      await finish();
      const { deployment: last } = await place.export();
      const own = last.resources?.filter(({ inputs }) => inputs?.n !== undefined) ?? [];
      expect(own.map(({ inputs }) => inputs?.n)).toEqual(names);
      expect(last.pending_operations).toBeUndefined();
    },
  );

  it("can be destroyed at once", { timeout: 120_000 }, async () => {
    place.declare(chain({ c: { delay: 20_000 } }));
    await killDuring("create c", "up");
    await place.must("destroy", "--yes", "--skip-preview");

    expect(
      place
        .calls()
        .filter((call) => call.startsWith("delete "))
        .sort(),
    ).toEqual(["delete a", "delete b"]);
    expect((await place.export()).deployment.resources).toBeUndefined();
  });
});
