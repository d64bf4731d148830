// Loaded into the engine's processes by a test: kills the update at a step, right before the step does its work, or holds it there.
// What the step was given is left in a file, so that the test can do the step's work itself, or make it fail, before the update is run
// again.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

const ORDER = "GREENLIGHT_TEST_INTERRUPTION";

interface Order {
  /** The step. */
  at: string;
  /** Where its inputs are left. */
  inputs: string;
  /** Held instead of killed, until this file is there. */
  until?: string;
}

/** Called instead of the step mechanism's own `execute`. */
export async function interrupted<T>(
  given: [raw: { [key: string]: unknown }, ...rest: unknown[]],
  execute: (...args: unknown[]) => Promise<T>,
): Promise<T> {
  const order = orderOf();
  if (order && given[0].name === order.at && given[0].kind !== "triggered") {
    writeFileSync(order.inputs, JSON.stringify(given[0]), { mode: 0o600 });
    if (order.until !== undefined) {
      await appearance(order.until);
      return execute(...given);
    }
    // The engine first: nothing is left that could save anything, or clean up.
    process.kill(process.ppid, "SIGKILL");
    process.kill(process.pid, "SIGKILL");
  }
  return execute(...given);
}

/** Resolves when there is such a file. */
export function appearance(file: string): Promise<void> {
  return new Promise((resolve) => {
    const looking = setInterval(() => {
      if (!existsSync(file)) return;
      clearInterval(looking);
      resolve();
    }, 20);
  });
}

function orderOf(): Order | undefined {
  const file = process.env[ORDER];
  return file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

if (process.env[ORDER] !== undefined) {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith("/checks/step/host.ts") || loaded.source === undefined) return loaded;
      const own = `export async function execute(...given) {
  const { interrupted } = await import(${JSON.stringify(import.meta.url)});
  return interrupted(given, uninterrupted);
}\n`;
      const source = String(
        typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array),
      );
      return {
        ...loaded,
        source: own + source.replace("export async function execute(", "async function uninterrupted("),
      };
    },
  });
}
