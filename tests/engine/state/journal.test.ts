import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stackPaths } from "../../../local/engine/state/backend.ts";
import type { StackJournal } from "../../../local/engine/state/journal.ts";
import { type Crypter, createCrypter } from "../../../local/engine/state/passphrase.ts";
import { readStored } from "../../../local/engine/state/recovery.ts";
import {
  createStack,
  type OpenStack,
  openStack,
  requireStored,
  settle,
  startJournal,
  writeSnapshot,
} from "../../../local/engine/state/stack-store.ts";
import type { PendingOperation, ResourceState, Snapshot } from "../../../local/engine/types.ts";
import { resource, secret, urnOf } from "./stacks.ts";

const environment = { PULUMI_CONFIG_PASSPHRASE: "a passphrase" };
const reference = { project: "shop", name: "dev" };
const crypter: Promise<Crypter> = createCrypter(environment);

let folder: string;
const journals: StackJournal[] = [];
const backend = () => ({ url: `file://${folder}`, root: join(folder, ".pulumi") });
const paths = () => stackPaths(backend(), reference);

async function openedStack(base: ResourceState[] = []): Promise<OpenStack> {
  await createStack(backend(), reference, (await crypter).salt);
  const stored = await requireStored(backend(), reference);
  const stack = await openStack(backend(), reference, stored, await crypter, environment);
  if (base.length > 0) await writeSnapshot(stack, { resources: base, pendingOperations: [] });
  return await reopen();
}

async function reopen(): Promise<OpenStack> {
  const stored = await requireStored(backend(), reference);
  return await openStack(backend(), reference, stored, await crypter, environment);
}

// What a stack is, without the identity of its objects.
function shapeOf({ resources, pendingOperations }: Snapshot): string {
  return JSON.stringify({ resources, pendingOperations }, (_, value) => {
    const plain = typeof value === "object" && value !== null && !Array.isArray(value);
    return plain ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
});
afterEach(async () => {
  await Promise.all(journals.splice(0).map((journal) => journal.leave()));
  rmSync(folder, { recursive: true, force: true });
});

/** A run of the engine as its journal sees it; `moments` are the states that a crash may leave. */
class Run {
  readonly moments: string[];
  readonly stack: OpenStack;
  done: ResourceState[] = [];
  olds: ResourceState[];
  pending: PendingOperation[] = [];
  readonly journal: StackJournal;

  constructor(stack: OpenStack, journal: StackJournal) {
    this.stack = stack;
    this.journal = journal;
    this.olds = [...stack.snapshot.resources];
    this.moments = [shapeOf(this.snapshot())];
  }

  static async of(stack: OpenStack): Promise<Run> {
    const journal = await startJournal(stack);
    journals.push(journal);
    return new Run(stack, journal);
  }

  snapshot(): Snapshot {
    return { resources: [...this.done, ...this.olds], pendingOperations: [...this.pending] };
  }

  async step(
    type: PendingOperation["type"],
    state: ResourceState,
    drop: ResourceState[] = [],
    alter: ResourceState[] = [],
  ) {
    const operation = { type, resource: state };
    this.pending.push(operation);
    await this.journal.begin(operation);
    this.moments.push(shapeOf(this.snapshot()));
    this.pending = this.pending.filter((other) => other !== operation);
    this.done = this.done.filter((other) => !drop.includes(other));
    this.olds = this.olds.filter((other) => !drop.includes(other));
    for (const state of alter) state.delete = true;
    const put = type === "deleting" ? [] : [state];
    this.done.push(...put);
    await this.journal.end(operation, () => this.snapshot(), { put, drop, alter });
    this.moments.push(shapeOf(this.snapshot()));
  }
}

describe("the journal of an update", () => {
  it("leaves a valid earlier state of the run however short it is cut", async () => {
    const [a, b] = [
      resource("a"),
      resource("b", { dependencies: [urnOf("a")], inputs: { pass: secret("hunter2") } }),
    ];
    const stack = await openedStack([a, b]);
    const run = await Run.of(stack);
    const [oldA, oldB] = run.olds as [ResourceState, ResourceState];
    await run.step("updating", { ...oldA, outputs: { v: secret({ deep: "hunter3" }) } }, [oldA]);
    await run.step("creating", resource("c", { dependencies: [urnOf("a")] }));
    await run.step("creating", resource("b", { id: "b-2" }), [], [oldB]);
    await run.step("deleting", oldB, [oldB]);
    const journal = readFileSync(paths().journal);

    const met = new Set<number>();
    for (let length = 0; length <= journal.length; length++) {
      writeFileSync(paths().journal, journal.subarray(0, length));
      met.add(run.moments.indexOf(shapeOf((await reopen()).snapshot)));
    }

    expect([...met]).toEqual(run.moments.map((_, index) => index));
  });

  it("reads as the run's last state after any sequence of steps", async () => {
    const step = fc.record({
      kind: fc.constantFrom("create", "update", "replace", "delete", "same", "mark"),
      which: fc.nat(20),
      value: fc.string(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        rmSync(folder, { recursive: true, force: true });
        const run = await Run.of(await openedStack([resource("a"), resource("b"), resource("c")]));
        let count = 0;
        for (const { kind, which, value } of steps) {
          const old = run.olds[which % Math.max(1, run.olds.length)];
          const inputs = { value, hidden: secret(value) };
          if (kind === "create" || !old) await run.step("creating", resource(`n${count++}`, { inputs }));
          else if (kind === "update") await run.step("updating", { ...old, inputs }, [old]);
          else if (kind === "delete") await run.step("deleting", old, [old]);
          else if (kind === "mark") {
            old.protect = true;
            await run.journal.end(undefined, () => run.snapshot(), { alter: [old] });
          } else if (kind === "same") {
            const same = { ...old };
            run.olds = run.olds.filter((other) => other !== old);
            run.done.push(same);
            await run.journal.end(undefined, () => run.snapshot(), { put: [same], drop: [old] });
          } else {
            await run.step("creating", { ...old, id: `${old.id}+`, inputs }, [], [old]);
            await run.step("deleting", old, [old]);
          }
        }
        await journals.pop()?.leave();
        expect(shapeOf((await reopen()).snapshot)).toBe(shapeOf(run.snapshot()));
      }),
      { numRuns: 60 },
    );
  });

  it("writes nothing while every resource stays as it was", async () => {
    const run = await Run.of(await openedStack([resource("a"), resource("b")]));
    for (const old of [...run.olds]) {
      const same = { ...old };
      run.olds = run.olds.filter((other) => other !== old);
      run.done.push(same);
      await run.journal.end(undefined, () => run.snapshot(), { put: [same], drop: [old] });
    }

    expect((await readStored(paths()))?.journal).toBe("none");
  });

  it("keeps a secret's ciphertext when only its neighbour changes", async () => {
    const run = await Run.of(
      await openedStack([resource("a", { inputs: { pass: secret("hunter2"), v: 1 } })]),
    );
    const cipher = () => /"ciphertext":"([^"]+)"/.exec(readFileSync(paths().file, "utf8"))?.[1];
    const before = cipher();
    const [old] = run.olds as [ResourceState];
    await run.step("updating", { ...old, inputs: { ...old.inputs, v: 2 } }, [old]);
    await journals.pop()?.close(run.snapshot());

    expect(before).toMatch(/^v1:/);
    expect(cipher()).toBe(before);
    expect(readFileSync(paths().file, "utf8")).not.toContain("hunter2");
  });

  it("writes a first update of 500 resources less than five times over", async () => {
    const run = await Run.of(await openedStack());
    const filling = "x".repeat(4000);
    for (let index = 0; index < 500; index++) {
      const state = resource(`r${index}`, { outputs: { filling } });
      const operation = { type: "creating" as const, resource: { ...state, outputs: {} } };
      await run.journal.begin(operation);
      run.done.push(state);
      await run.journal.end(operation, () => run.snapshot(), { put: [state] });
    }
    const journal = readFileSync(paths().journal, "utf8").length;
    const folded = readFileSync(paths().file, "utf8").length;
    await journals.pop()?.close(run.snapshot());
    const final = readFileSync(paths().file, "utf8").length;

    expect(folded).toBeGreaterThan(final / 4);
    expect(journal).toBeLessThan(final * 1.5);
  });
});

describe("a stack whose update was killed", () => {
  it("is folded into the checkpoint by who takes the lock, pending operations included", async () => {
    const run = await Run.of(await openedStack([resource("a")]));
    await run.step("creating", resource("b"));
    await run.journal.begin({ type: "creating", resource: resource("c") });
    await settle(backend(), reference);
    const { journal } = (await readStored(paths())) ?? {};
    const { resources, pendingOperations } = (await reopen()).snapshot;

    expect(journal).toBe("none");
    expect(resources.map((state) => state.urn)).toEqual([urnOf("b"), urnOf("a")]);
    expect(pendingOperations.map(({ type, resource: { urn } }) => [type, urn])).toEqual([
      ["creating", urnOf("c")],
    ]);
  });

  it("keeps a journal aside that another program's checkpoint has overtaken, and says so", async () => {
    const run = await Run.of(await openedStack([resource("a")]));
    await run.step("creating", resource("b"));
    const other = readFileSync(paths().file, "utf8").replace('"metadata":{}', '"metadata":{"by":"someone"}');
    writeFileSync(paths().file, other);
    const warning = await settle(backend(), reference);

    expect(warning).toContain("dev.json.journal.");
    expect((await readStored(paths()))?.journal).toBe("none");
    expect((await reopen()).snapshot.resources).toHaveLength(1);
  });
});
