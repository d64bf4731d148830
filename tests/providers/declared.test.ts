// The tables beside the official classes: every property that a handler knows is one that the class declares, and what
// the class requires the handler requires.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resources as aws } from "../../local/providers/aws/resources.ts";
import { checkInputs } from "../../local/providers/check.ts";
import { diffProperties } from "../../local/providers/diff.ts";
import { resources as postgresql } from "../../local/providers/postgresql/resources.ts";
import { resources as random } from "../../local/providers/random/resources.ts";
import { UNKNOWN } from "../../local/providers/values.ts";

const require = createRequire(import.meta.url);

/** Inputs and outputs as the class's declaration file has them. */
function declared(type: string) {
  const [packageName = "", path = "", className = ""] = type.split(":");
  const folder = join(require.resolve(`@pulumi/${packageName}/package.json`), "..");
  const file = join(folder, `${path.replace(/^index\//, "")}.d.ts`);
  const source = readFileSync(file, "utf8").replaceAll(/\/\*.*?\*\//gs, "");
  const args = new RegExp(`export interface ${className}Args \\{(.*?)\\n\\}`, "s").exec(source)?.[1] ?? "";
  const inputs = [...args.matchAll(/^ {4}(\w+)(\??):/gm)];
  return {
    inputs: inputs.map(([, name]) => name),
    required: inputs.filter(([, , optional]) => optional === "").map(([, name]) => name),
    outputs: [...source.matchAll(/readonly (\w+): pulumi\.Output/g)].map(([, name]) => name),
  };
}

describe.each(Object.entries({ ...aws, ...postgresql, ...random }))("%s", (type, load) => {
  it("has the properties of the class and no others", async () => {
    const { inputs, outputs } = await load();
    const known = declared(type);
    expect(known.outputs).toEqual(expect.arrayContaining(Object.keys(outputs)));
    expect(known.inputs).toEqual(expect.arrayContaining(Object.keys(inputs)));
  });

  it("judges nothing that is not known yet", async () => {
    const { inputs, validate } = await load();
    const news = Object.fromEntries(Object.keys(inputs).map((name) => [name, UNKNOWN]));
    const checked = checkInputs({ type, logicalName: "thing", properties: inputs, olds: {}, news });
    expect(checked.failures).toEqual([]);
    expect(() => validate?.(checked.inputs)).not.toThrow();
    const { changes } = diffProperties(inputs, {}, checked.inputs);
    expect(changes).toBe(true);
  });

  it("requires what the class requires", async () => {
    const { inputs } = await load();
    const required = Object.keys(inputs).filter((name) => inputs[name]?.required);
    expect(required).toEqual(expect.arrayContaining(declared(type).required));
  });
});
