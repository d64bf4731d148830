// Plans the steps of each registration, one after the other: finds the old resource, asks the provider to check and to
// compare, and hands on what follows. Carries nothing out itself, but for imports, whose outcome it needs.
import type { ResourceState } from "../types.ts";
import { claimUrn, urnOf } from "./claim.ts";
import { deletionsBefore } from "./delete-first.ts";
import type { Deployment } from "./deployment.ts";
import { Bail } from "./diagnostics.ts";
import { differenceOf } from "./difference.ts";
import { type Registration, stateOfGoal } from "./goal.ts";
import { InputChecks } from "./input-checks.ts";
import { findOld } from "./old-resource.ts";
import {
  isImport,
  planFromDiff,
  replacementRefused,
  triggersReplacement,
  withIgnoredChanges,
} from "./plan.ts";
import type { Checked, Planning } from "./planning.ts";
import { forcedReplacement } from "./property-diff.ts";
import { freshSeed } from "./random-seed.ts";
import type { Step } from "./step.ts";
import { isNamedReplacement, isNamedTarget, isTargeted, needsLeftOut } from "./targeting.ts";
import { untargetedSame } from "./untargeted.ts";
import { isProviderType } from "./urn.ts";
import { containsUnknowns } from "./values.ts";

export class Generator {
  readonly #deployment: Deployment;
  /** Runs steps at once and waits for them; false when one failed. */
  readonly #runNow: (steps: Step[]) => Promise<boolean>;
  /** The registration whose turn is next, if it is here already. */
  readonly #upcoming: () => Registration | undefined;
  readonly #checks: InputChecks;
  sawError = false;

  constructor(
    deployment: Deployment,
    runNow: (steps: Step[]) => Promise<boolean>,
    upcoming: () => Registration | undefined,
  ) {
    this.#deployment = deployment;
    this.#runNow = runNow;
    this.#upcoming = upcoming;
    this.#checks = new InputChecks(deployment);
  }

  /** Steps of a registration. @throws Bail when its reason was already reported */
  async generate(registration: Registration): Promise<Step[]> {
    const { goal } = registration;
    const { seen } = this.#deployment;
    const urn = claimUrn(this.#deployment, goal);
    const { old, invalid } = findOld(this.#deployment, urn, goal, goal.aliases);
    const next = stateOfGoal(goal, urn, old);
    if (isProviderType(goal.type)) seen.providers.set(urn, next);
    const provider = await this.#deployment.providerFor(next);
    const randomSeed = freshSeed();
    const planning = { registration, urn, old, next, provider, randomSeed };
    const steps = isImport(goal, old)
      ? await this.#planImport(planning)
      : await this.#plan(planning, invalid, false);
    return this.#admitted(steps);
  }

  async #plan(planning: Planning, alreadyInvalid: boolean, imported: boolean): Promise<Step[]> {
    const { registration, urn, old, next, provider, randomSeed } = planning;
    const { goal } = registration;
    const { seen } = this.#deployment;
    const recreating = seen.deletes.has(urn);
    const wasExternal = old?.external === true;
    const targeted = isTargeted(this.#deployment, next);
    let inputs = next.inputs;
    if (old) {
      const ignored = withIgnoredChanges(inputs, old.inputs, goal.ignoreChanges);
      inputs = ignored.inputs;
      if (ignored.impossible.length > 0) {
        const paths = JSON.stringify(ignored.impossible.join(", "));
        this.#deployment.diagnostics.say(
          "info",
          urn,
          `cannot ignore changes in added or removed elements of the path: ${paths}`,
        );
      }
    }
    let invalid = alreadyInvalid;
    if (provider && !targeted) inputs = old?.inputs ?? {};
    else if (provider) {
      const fresh = !old || recreating || wasExternal || isNamedReplacement(this.#deployment, urn, old);
      const question = fresh
        ? { urn, olds: {}, news: goal.properties, randomSeed }
        : { urn, olds: old.inputs, news: inputs, randomSeed };
      const reply = await this.#checks.ask(registration, provider, question);
      inputs = reply.inputs;
      if (this.#checks.report(next, reply.failures)) invalid = true;
    }
    if (provider) next.inputs = inputs;
    if (invalid) throw new Bail(`resource "${urn}" is invalid`);
    if (recreating && old) return this.#recreate(planning, old);
    if (wasExternal && old) {
      seen.creates.add(urn);
      const common = { urn, old, new: next, pendingDelete: true };
      return [
        { op: "create-replacement", registration, logical: false, ...common },
        { op: "replace", logical: true, ...common },
      ];
    }
    if (targeted && isNamedTarget(this.#deployment, next)) seen.targeted.add(urn);
    if (!old) {
      if (!targeted) {
        seen.sames.add(urn);
        seen.skippedCreates.add(urn);
        return [
          { op: "same", urn, old: { ...next }, new: next, registration, logical: true, skippedCreate: true },
        ];
      }
      seen.creates.add(urn);
      return [{ op: "create", urn, new: next, registration, logical: true }];
    }
    if (!targeted) return untargetedSame(this.#deployment, urn, old, registration);
    return this.#planChange({ ...planning, inputs }, old, imported);
  }

  #recreate(planning: Planning, old: ResourceState): Step[] {
    const { seen } = this.#deployment;
    const { urn, next, registration } = planning;
    seen.deletes.delete(urn);
    seen.replaces.add(urn);
    const keys = seen.dependentKeys.get(urn) ?? [];
    return [
      { op: "replace", urn, old, new: next, logical: true },
      { op: "create-replacement", urn, old, new: next, registration, keys, logical: false },
    ];
  }

  async #planChange(planning: Checked, old: ResourceState, imported: boolean): Promise<Step[]> {
    const { registration, urn, next } = planning;
    const { goal } = registration;
    const { seen, preview, diagnostics } = this.#deployment;
    if (!preview && containsUnknowns(next.replacementTrigger)) {
      diagnostics.error(urn, `replacement trigger contains unknowns for ${urn}`);
      throw new Bail("unknown replacement trigger");
    }
    const triggered = triggersReplacement(old.replacementTrigger, next.replacementTrigger);
    const comparing = triggered ? forcedReplacement([]) : differenceOf(this.#deployment, planning, old);
    const upcoming = this.#upcoming();
    if (upcoming) this.#checks.begin(upcoming, urnOf(this.#deployment, upcoming.goal));
    const diff = await comparing;
    const plan = planFromDiff(old, goal, diff, triggered);
    if (plan.kind === "same") {
      if (imported) {
        registration.done({ state: old, result: "success" });
        return [];
      }
      seen.sames.add(urn);
      return [{ op: "same", urn, old, new: next, registration, logical: true }];
    }
    const { changedKeys: diffs, replaceKeys: keys, detailedDiff } = plan.diff;
    if (plan.kind === "update") {
      seen.updates.add(urn);
      return [{ op: "update", urn, old, new: next, registration, diffs, detailedDiff, logical: true }];
    }
    await this.#admitReplacement(planning, old);
    const shared = { urn, old, new: next, keys, diffs, detailedDiff };
    const replace: Step = { op: "replace", logical: true, ...shared };
    const create: Step = { op: "create-replacement", registration, logical: false, ...shared };
    if (!plan.deleteBeforeReplace) return [{ ...create, pendingDelete: true }, replace];
    return [...(await deletionsBefore(this.#deployment, old, urn)), replace, create];
  }

  /** Guards of a replacement, and the second Check that every replacement's inputs go through. */
  async #admitReplacement(planning: Planning, old: ResourceState): Promise<void> {
    const { registration, urn, next, provider, randomSeed } = planning;
    const { goal } = registration;
    const { seen, preview, diagnostics } = this.#deployment;
    const refusal = replacementRefused(old, next);
    if (refusal) {
      diagnostics.error(urn, refusal);
      this.sawError = true;
      if (!preview) throw new Bail(refusal);
    }
    if (goal.importId) {
      const message =
        "previously-imported resources that still specify an ID may not be replaced; " +
        "please remove the `import` declaration from your program";
      if (!preview) throw new Error(message);
      diagnostics.warning(urn, message);
    }
    seen.replaces.add(urn);
    if (!provider || isNamedReplacement(this.#deployment, urn, old)) return;
    const reply = await provider.check(urn, {}, goal.properties, randomSeed);
    if (this.#checks.report(next, reply.failures)) throw new Bail(`resource "${urn}" has check errors`);
    next.inputs = reply.inputs;
  }

  async #planImport(planning: Planning): Promise<Step[]> {
    const { registration, urn, old, next, randomSeed } = planning;
    const { seen } = this.#deployment;
    const { goal } = registration;
    seen.imports.add(urn);
    const replacing = old !== undefined && !seen.deletes.has(urn);
    const step: Step = replacing
      ? { op: "import-replacement", urn, old, new: next, randomSeed, logical: false }
      : { op: "import", urn, new: next, randomSeed, logical: true };
    const steps = replacing ? [step, { op: "replace", urn, old, new: next, logical: true } as const] : [step];
    if (!(await this.#runNow(steps))) return [];
    const wanted = stateOfGoal(goal, urn, next);
    return this.#plan({ ...planning, old: next, next: wanted }, false, true);
  }

  /** @throws Bail when something targeted needs a resource whose creation a target leaves out */
  #admitted(steps: Step[]): Step[] {
    for (const step of steps) {
      if (!needsLeftOut(this.#deployment, step)) continue;
      this.sawError = true;
      if (!this.#deployment.preview) throw new Bail("untargeted create");
    }
    return steps;
  }
}
