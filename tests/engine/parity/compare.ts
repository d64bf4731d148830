// How a replayed step is held against its recording. What the official engine leaves open is compared as a set.
import { expect } from "vitest";
import type { AnnouncedStep, Diagnostic, Observation, ParityStep } from "./case.ts";

const DELETIONS = ["delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"];

/** Fails with the first difference. `before` is the state before the step. */
export function expectParity(step: ParityStep, seen: Observation, before: Observation["state"]): void {
  const want = step.expect;
  const ordered = isOrdered(step);
  const byOrder = <T>(list: T[] | undefined, isDeletion: (item: T) => boolean) =>
    arrange(list ?? [], isDeletion, ordered);
  const isDeleted = (announced: AnnouncedStep) => DELETIONS.includes(announced.op);
  const isDeleteCall = (call: string) => call.startsWith("delete ");

  expect(seen.exit, "exit").toBe(want.exit);
  expect(byOrder(seen.steps, isDeleted), "steps").toEqual(byOrder(want.steps, isDeleted));
  expect(seen.failed, "failed").toEqual(want.failed);
  expect(seen.ended, "ended").toEqual(want.ended);
  expect(seen.summary, "summary").toEqual(want.summary);
  expect(byOrder(seen.trace, isDeleteCall), "trace").toEqual(byOrder(want.trace, isDeleteCall));
  expect(seen.json, "json").toEqual(want.json);
  expect(seen.state?.pending, "pending operations").toEqual(want.state?.pending);
  const states = (state: Observation["state"]) => arrange(state?.resources ?? [], () => false, ordered);
  expect(states(seen.state), "state").toEqual(states(want.state));
  expectDiagnostics(want.diagnostics ?? [], seen.diagnostics ?? []);
  expectDependentsFirst(seen.steps ?? [], before);
}

// Registration order decides everything with one worker; signals and refreshes leave the order open.
function isOrdered({ parallel = 1, kill, command, args = [] }: ParityStep): boolean {
  return parallel === 1 && kill === undefined && command !== "refresh" && !args.includes("--refresh");
}

// Deletions at the end run layer by layer: inside a layer their order is open.
function arrange<T>(
  list: T[],
  isDeletion: (item: T) => boolean,
  ordered: boolean,
): { first: T[]; atEnd: string[] } {
  const last = list.findLastIndex((item) => !isDeletion(item)) + 1;
  const cut = ordered ? last : 0;
  return { first: list.slice(0, cut), atEnd: list.slice(cut).map(canonical).sort() };
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) => {
    const plain = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return plain ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
}

// Who says how bad it is, and what program and provider said; the engine's own words are free.
function expectDiagnostics(want: Diagnostic[], seen: Diagnostic[]): void {
  const kinds = (list: Diagnostic[]) => list.map(({ severity, urn }) => `${severity} ${urn}`).sort();
  const context = seen.map((diagnostic) => diagnostic.message).join("\n");
  expect(kinds(seen), `diagnostics:\n${context}`).toEqual(kinds(want));
  const open = [...seen];
  for (const { severity, urn, match = [] } of want) {
    const found = open.findIndex((diagnostic) => {
      const same = diagnostic.severity === severity && diagnostic.urn === urn;
      return same && match.every((text) => diagnostic.message.includes(text));
    });
    expect(
      found,
      `${severity} of ${urn || "the run"} with ${JSON.stringify(match)} in:\n${context}`,
    ).not.toBe(-1);
    open.splice(found, 1);
  }
}

function expectDependentsFirst(steps: AnnouncedStep[], before: Observation["state"]): void {
  const deleted = steps.filter(({ op }) => op === "delete").map(({ urn }) => urn);
  for (const state of before?.resources ?? []) {
    const at = deleted.indexOf(String(state.urn));
    if (at < 0 || state.delete) continue;
    const provider =
      typeof state.provider === "string" ? state.provider.slice(0, state.provider.lastIndexOf("::")) : "";
    const needs = [
      state.parent,
      state.deletedWith,
      provider,
      ...(Array.isArray(state.dependencies) ? state.dependencies : []),
    ];
    for (const need of needs) {
      const place = deleted.indexOf(String(need));
      expect(place < 0 || place > at, `${need} must not be deleted before ${state.urn}`).toBe(true);
    }
  }
}
