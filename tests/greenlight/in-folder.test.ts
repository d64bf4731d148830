import { join } from "node:path";
import { expect, it } from "vitest";
import { inFolder } from "../../greenlight/in-folder.ts";

it.each([
  [".", ""],
  ["examples/orders", " -C examples/orders"],
  ["My Shop", " -C 'My Shop'"],
  ["Ana's shop", " -C 'Ana'\\''s shop'"],
])("of %s it says %j", (folder, said) => {
  expect(inFolder(join(process.cwd(), folder))).toBe(said);
});
