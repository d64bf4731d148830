// Waiting for what the application does on its own.
import { setTimeout } from "node:timers/promises";

/** The first value of `look` that `done` accepts. @throws with the last value when there is none within 20 s. */
export async function eventually<Value>(
  look: () => Promise<Value>,
  done: (value: Value) => boolean,
): Promise<Value> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const value = await look();
    if (done(value)) return value;
    if (performance.now() > deadline) throw new Error(`not within 20 s; last seen ${JSON.stringify(value)}`);
    await setTimeout(50);
  }
}
