// Plans the steps of each registration, one after the other: finds the old resource, asks the provider to check and to
// compare, and hands on what follows. Carries nothing out itself, but for imports, whose outcome it needs.
import type { PropertyMap, ResourceState } from "../types.ts";
import { compareResource } from "./compare.ts";
import { deletionsBefore } from "./delete-first.ts";
import type { Deployment } from "./deployment.ts";
import { Bail } from "./diagnostics.ts";
import { type ReadRegistration, type Registration, stateOfGoal, stateOfRead } from "./goal.ts";
import { InputChecks } from "./input-checks.ts";
import { findOld } from "./old-resource.ts";
import {
  forcedBy,
  isImport,
  planFromDiff,
  replacementRefused,
  triggersReplacement,
  withIgnoredChanges,
} from "./plan.ts";
import { type Diff, forcedReplacement, noDiff } from "./property-diff.ts";
import { DiffUnavailable, type ResourceProvider } from "./provider.ts";
import { providerReplaces } from "./provider-change.ts";
import { freshSeed } from "./random-seed.ts";
import type { Step } from "./step.ts";
import { isNamedTarget, isTargeted, needsLeftOut } from "./targeting.ts";
import { Targets } from "./targets.ts";
import { untargetedSame } from "./untargeted.ts";
import { isProviderType, makeUrn, parseUrn } from "./urn.ts";
import { containsUnknowns, equal } from "./values.ts";

interface Planning {
  registration: Registration;
  urn: string;
  old: ResourceState | undefined;
  next: ResourceState;
  provider: ResourceProvider | undefined;
  randomSeed: Uint8Array;
}

/** A planning whose inputs were checked, with ignored changes put back. */
interface Checked extends Planning {
  inputs: PropertyMap;
}

export class Generator {
  readonly #deployment: Deployment;
  readonly #replaceTargets: Targets;
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
    this.#replaceTargets = new Targets(deployment.request.replace);
  }

  /** The urn that a registration gets; for messages, so it never fails. */
  urnOf(goal: { type: string; name: string; parent?: string }): string {
    const { stack, project } = this.#deployment.request;
    const parentType = goal.parent === undefined ? undefined : parseUrn(goal.parent).qualifiedType;
    return makeUrn(stack, project.name, parentType, goal.type, goal.name);
  }

  #claim(goal: { type: string; name: string; parent?: string }): string {
    const { seen, diagnostics } = this.#deployment;
    if (goal.parent !== undefined && !seen.urns.has(goal.parent)) {
      throw new Error(`could not find parent resource ${goal.parent}`);
    }
    const urn = this.urnOf(goal);
    if (seen.urns.has(urn)) {
      diagnostics.error(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
      throw new Bail("duplicate resource urn");
    }
    seen.urns.add(urn);
    return urn;
  }

  /** Steps of a read of a resource that exists elsewhere. */
  generateRead(read: ReadRegistration): Step[] {
    const { seen } = this.#deployment;
    const { goal } = read;
    const urn = this.#claim(goal);
    const { old } = findOld(this.#deployment, urn, goal, []);
    if (goal.id === "") throw new Error(`Expected an ID for ${urn}`);
    const next = stateOfRead(goal, urn);
    if (old && !old.external && old.id !== goal.id) {
      seen.replaces.add(urn);
      return [
        { op: "read-replacement", urn, old, new: next, read, logical: false },
        { op: "replace", urn, old, new: next, logical: true },
      ];
    }
    seen.reads.add(urn);
    return [{ op: "read", urn, old, new: next, read, logical: true }];
  }

  /** Steps of a registration. @throws Bail when its reason was already reported */
  async generate(registration: Registration): Promise<Step[]> {
    const { goal } = registration;
    const { seen } = this.#deployment;
    const urn = this.#claim(goal);
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
      const fresh = !old || recreating || wasExternal || this.#isNamedReplace(urn, old);
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
    if (!targeted) return untargetedSame(this.#deployment, old, registration);
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
    const comparing = triggered ? forcedReplacement([]) : this.#diff(planning, old);
    const upcoming = this.#upcoming();
    if (upcoming) this.#checks.begin(upcoming, this.urnOf(upcoming.goal));
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
    if (!provider || this.#isNamedReplace(urn, old)) return;
    const reply = await provider.check(urn, {}, goal.properties, randomSeed);
    if (this.#checks.report(next, reply.failures)) throw new Bail(`resource "${urn}" has check errors`);
    next.inputs = reply.inputs;
  }

  async #diff(planning: Checked, old: ResourceState): Promise<Diff> {
    const { registration, urn, next, provider, inputs } = planning;
    const { seen, preview, diagnostics } = this.#deployment;
    const forced = forcedBy(registration.goal, this.#isNamedReplace(urn, old), (other) =>
      seen.replaces.has(other),
    );
    if (forced) return forced;
    if (await providerReplaces(this.#deployment, old, next)) return forcedReplacement(["provider"]);
    if (!provider) return { ...noDiff(), changes: equal(old.inputs, inputs) ? "none" : "some" };
    try {
      return await compareResource(provider, old, inputs, registration.goal.ignoreChanges, preview);
    } catch (error) {
      if (!(error instanceof DiffUnavailable)) throw error;
      diagnostics.warning(urn, error.message);
      return { ...noDiff(), changes: "some" };
    }
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
    if (steps.every((step) => !needsLeftOut(this.#deployment, step))) return steps;
    this.sawError = true;
    if (!this.#deployment.preview) throw new Bail("untargeted create");
    return steps;
  }

  #isNamedReplace(urn: string, old: ResourceState | undefined): boolean {
    return (this.#replaceTargets.given && this.#replaceTargets.names(urn)) || old?.extra?.taint === true;
  }
}
