// Where a project must lie whose releases are on record.
import { describe, expect, it } from "vitest";
import { withoutSecrets } from "../../checks/backend-address.ts";
import { record } from "../../deployment/after.ts";
import type { Stack } from "../../deployment/stack.ts";
import { projectRoot } from "../../local/services/layout.ts";

/** As much of a stack as is looked at before the step is made. */
const stack = (directory: string, contents: string[] = []) => {
  const settings = { record: {}, release: { contents }, directory };
  return { settings, estate: { records: {} } } as unknown as Stack;
};

describe("the record of a release", () => {
  it("is refused by the program, and so by the preview, for a project that could not be kept beside it", () => {
    expect(() => record(stack("/srv/orders"))).toThrow(
      `greenlight:record: /srv/orders lies outside of ${projectRoot}, want a folder in it`,
    );
    expect(() => record(stack(`${projectRoot}/examples/khaacho`, ["../../../shared"]))).toThrow(
      /shared lies outside of/,
    );
  });

  it("is refused for contents that a whole path says are elsewhere: they would be missing from it", () => {
    expect(() => record(stack(`${projectRoot}/examples/khaacho`, ["/srv/artifacts"]))).toThrow(
      "greenlight:record: /srv/artifacts lies outside of",
    );
  });

  it.each([
    ["postgres://ana:secret@db.example.com/state?sslmode=require", "postgres://db.example.com/state"],
    ["postgres://ana:p@ss@db.example.com/state", "postgres://db.example.com/state"],
    ["s3://states?endpoint=ana@example.com", "s3://states"],
    ["file:///home/ana@work/state", "file:///home/ana@work/state"],
  ])("names the backend %s without what it keeps secret", (url, shown) => {
    expect(withoutSecrets(url)).toBe(shown);
  });
});
