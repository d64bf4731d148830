// A program whose resources really come to be, in this process: each is handed to its local provider as soon as the program
// registers it, and made, changed or replaced there. What no longer is registered stays until the end. The engine's own part
// (order of deletions, state, secrets) is tested elsewhere.
import * as pulumi from "@pulumi/pulumi";
import type { LocalProvider } from "../../../local/providers/provider.ts";
import { checked, configured, type Deployed, urnOf, type Values } from "../../providers/support/providers.ts";
import { unmarked } from "./mocks.ts";

/** What the programs of one test file have made. */
export class Applied {
  readonly #providers = new Map<string, Promise<LocalProvider>>();
  readonly #made = new Map<string, Deployed & { provider: LocalProvider }>();

  /** Runs a program and waits until all that it registers is there. */
  async run<T>(program: () => T): Promise<T> {
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => this.#apply(type, name, unmarked(inputs)),
        call({ token }) {
          throw new Error(`unexpected call of ${token}`);
        },
      },
      "test",
      "test",
      false,
    );
    const result = program();
    await pulumi.runtime.disconnect(false);
    return result;
  }

  async #apply(type: string, name: string, program: Values): Promise<{ id: string; state: Values }> {
    if (!/^(aws|postgresql|random):/.test(type)) return { id: name, state: program };
    const urn = urnOf(type, name);
    const before = this.#made.get(urn);
    const provider = await this.#provider(type);
    const inputs = await checked(provider, urn, before?.inputs ?? {}, program);
    if (before) {
      const { changes, replaces = [] } = await provider.diff(before.id, urn, before.outs, inputs);
      if (!changes) return { id: before.id, state: before.outs };
      if (replaces.length === 0) {
        const { outs } = await provider.update(before.id, urn, before.outs, inputs);
        this.#made.set(urn, { ...before, inputs, outs });
        return { id: before.id, state: outs };
      }
      await provider.delete(before.id, urn, before.outs);
    }
    const { id, outs } = await provider.create(urn, inputs);
    // Last made, first removed.
    this.#made.delete(urn);
    this.#made.set(urn, { id, urn, inputs, outs, provider });
    return { id, state: outs };
  }

  #provider(type: string): Promise<LocalProvider> {
    const [name = ""] = type.split(":");
    const known = this.#providers.get(name) ?? configured(name);
    this.#providers.set(name, known);
    return known;
  }

  /** Deletes everything, the last first. */
  async remove(): Promise<void> {
    for (const { provider, id, urn, outs } of [...this.#made.values()].reverse())
      await provider.delete(id, urn, outs);
    for (const provider of this.#providers.values()) await (await provider).cancel();
  }
}
