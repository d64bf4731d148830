// Which folder an address of a backend means.
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { openBackend } from "../../../local/engine/state/backend.ts";

describe("backends", () => {
  it("are folders of any name", () => {
    const folder = "/home/ann/C# is 100%/what?/a%41";

    expect(openBackend(pathToFileURL(folder).href, "/").root).toBe(`${folder}/.pulumi`);
    expect(openBackend("file:///home/a b", "/").root).toBe("/home/a b/.pulumi");
  });

  it.each([
    "file:///home/C#/state",
    "file:///home/what?/state",
    "file:///home/100%/state",
  ])("%s is refused: it would be another folder", (url) => {
    expect(() => openBackend(url, "/")).toThrow(
      `backend "${url}": not an address of a folder; write # as %23, ? as %3F and % as %25`,
    );
  });
});
