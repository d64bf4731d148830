// What an operator is told where a trigger came true and nobody asked to go back by itself.
import { join } from "node:path";
import { expect, it } from "vitest";
import { decisionLine, type Fired } from "../../../checks/triggers/fired.ts";
import { Console } from "../../../greenlight/console.ts";
import type { Engine } from "../../../greenlight/engine.ts";
import { follow } from "../../../greenlight/rollback/automatic.ts";

const fired: Fired = { name: "broken", kind: "conditional", figures: ["health failed"] };

async function toldIn(directory: string): Promise<string> {
  let text = "";
  const out = {
    write: (more: string) => {
      text += more;
    },
  };
  // What the step itself said: it does not know from where the command was run.
  const said = [`health: failed\n${decisionLine(fired, "production")}`];
  const options = { engine: {} as Engine, directory, stack: "production", environment: {} };
  expect(await follow([fired], false, new Console(out), options, said)).toBeUndefined();
  return text;
}

it("names the project's folder in both commands where they are run elsewhere", async () => {
  const text = await toldIn(join("examples", "orders"));
  expect(text).toContain("To go back: npx greenlight rollback -s production -C examples/orders.");
  expect(text).toContain("then npx greenlight up -s production -C examples/orders");
});

it("says nothing twice in that folder", async () => {
  expect(await toldIn(".")).toBe("");
});
