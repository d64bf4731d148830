// What --target leaves out, and what refers to it all the same.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../workplace.ts";

let place: Workplace;
beforeEach(async () => {
  place = new Workplace();
  place.share();
  await place.must("stack", "init", "dev");
});
afterEach(() => place.close());

const named = (name: string) => `urn:pulumi:dev::parity::pulumi-nodejs:dynamic:Resource::${name}`;

describe("an update with --target", () => {
  // The official engine records such a read, fails, and refuses its own state from then on.
  it.each([
    { parent: "left" },
    { dependsOn: ["left"] },
  ])("records nothing that is read with %j where that is left out", async (options) => {
    place.declare({
      resources: [
        { name: "left", kind: "dynamic", inputs: { v: 1 } },
        { name: "found", kind: "get", id: "elsewhere-1", options },
        { name: "wanted", kind: "dynamic", inputs: { v: 1 } },
      ],
    });
    const { code, stdout } = await place.run(["up", "--yes", "--skip-preview", "--target", named("wanted")]);

    expect(stdout).toContain(`depends on '${named("left")}' which was not specified in --target list.`);
    expect(code).toBe(1);
    const { deployment } = await place.export();
    expect(deployment.resources?.map(({ urn }) => urn.split("::").at(-1))).not.toContain("found");

    await place.must("up", "--yes", "--skip-preview");
    await place.must("up", "--yes", "--skip-preview", "--expect-no-changes");
  });
});
