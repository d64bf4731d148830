// The provider's check of what a registration declares. It changes nothing, so the check of the next registration may run
// while the provider compares the one before: both processes then have work. With one worker it waits for its turn.
import type { PropertyMap, ResourceState } from "../types.ts";
import type { Deployment } from "./deployment.ts";
import type { Registration } from "./goal.ts";
import { withIgnoredChanges } from "./plan.ts";
import type { CheckFailure, CheckReply } from "./plugin.ts";
import type { ResourceProvider } from "./provider.ts";
import { freshSeed } from "./random-seed.ts";
import { isProviderType, parseUrn } from "./urn.ts";

/** What a provider is asked: the inputs declared, beside those of before. */
export interface Question {
  urn: string;
  olds: PropertyMap;
  news: PropertyMap;
  randomSeed: Uint8Array;
}

export class InputChecks {
  readonly #deployment: Deployment;
  readonly #begun = new Map<Registration, { olds: PropertyMap; reply: Promise<CheckReply> }>();

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  /**
   * Begins the check of the registration whose turn is next, where what is planned until then can hardly matter to it:
   * the resource is in the stack under this very urn, and the run concerns all resources alike.
   */
  begin(registration: Registration, urn: string): void {
    const { goal } = registration;
    const { request, olds, seen, registry } = this.#deployment;
    const old = olds.get(urn);
    if (request.parallel === 1 || request.targets?.length || request.replace?.length) return;
    if (!old || old.external || old.extra?.taint === true || seen.deletes.has(urn) || seen.urns.has(urn))
      return;
    if (!goal.custom || !goal.provider || goal.importId || isProviderType(goal.type)) return;
    if (this.#begun.has(registration)) return;
    const { inputs, impossible } = withIgnoredChanges(goal.properties, old.inputs, goal.ignoreChanges);
    const provider = registry.get(goal.provider);
    if (!provider || impossible.length > 0) return;
    const reply = provider.then((known) => known.check(urn, old.inputs, inputs, freshSeed()));
    // Whoever needs the answer hears of its failure.
    reply.catch(() => {});
    this.#begun.set(registration, { olds: old.inputs, reply });
  }

  /** The provider's answer; the one begun before its turn when the question is still the same. */
  async ask(registration: Registration, provider: ResourceProvider, question: Question): Promise<CheckReply> {
    const begun = this.#begun.get(registration);
    this.#begun.delete(registration);
    if (begun?.olds === question.olds) return begun.reply;
    return provider.check(question.urn, question.olds, question.news, question.randomSeed);
  }

  /** Reports check failures; true when there are any. Values are left out of the text: they may be secret. */
  report(next: ResourceState, failures: CheckFailure[]): boolean {
    if (failures.length > 0) this.#deployment.refused = true;
    const { name } = parseUrn(next.urn);
    for (const { property, reason } of failures) {
      this.#deployment.diagnostics.error(
        next.urn,
        property
          ? `${next.type} resource '${name}': property ${property} has a problem: ${reason}`
          : `${next.type} resource '${name}' has a problem: ${reason}`,
      );
    }
    return failures.length > 0;
  }
}
