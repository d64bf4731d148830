// A project whose packages were not installed: what a newcomer meets first.
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { officialCommand } from "../parity/official-command.ts";
import { embeddedCommand, Workplace } from "../workplace.ts";

const ADVICE = "It looks like the Pulumi SDK has not been installed. Have you run pulumi install?";

describe.each([
  ["the embedded engine", embeddedCommand],
  ["the official engine", officialCommand()],
] as const)("%s in a project without the SDK", (_, command) => {
  describe.skipIf(command === undefined)("", () => {
    let place: Workplace;
    beforeAll(() => {
      place = new Workplace(undefined, command);
    });
    afterAll(() => place.close());
    const states = async () => (await place.export("--stack", "dev")).deployment.resources ?? [];

    it.each([
      ["preview", "Previewing update (dev):", "\nexit 1"],
      ["up --yes --skip-preview", "Updating (dev):", "\nDuration: 0s\n\nexit 1"],
    ])("says so in %s, and makes nothing", async (words, headline, end) => {
      rmSync(place.path("node_modules"), { force: true });
      await place.run(["stack", "init", "dev"]);
      const { code, stdout, stderr } = await place.run([...words.split(" "), "--stack", "dev"]);

      const said = stdout.replaceAll(/^@ .*\n\n?/gm, "").replace(/Duration: \d+s/, "Duration: 0s");
      expect(`${said}exit ${code}`.replaceAll(/\n+/g, "\n")).toBe(
        `${headline}

    pulumi:pulumi:Stack parity-dev  error: an unhandled error occurred: ${ADVICE}
    pulumi:pulumi:Stack parity-dev ${words === "preview" ? "" : "**failed**"} 1 error
Diagnostics:
  pulumi:pulumi:Stack (parity-dev):
    error: an unhandled error occurred: ${ADVICE}

Resources:
    1 errored
${end}`.replaceAll(/\n+/g, "\n"),
      );
      expect(stderr).toBe("");
      expect(await states()).toEqual([]);
    });

    it("has nothing to refresh and nothing to destroy", async () => {
      for (const words of [["refresh"], ["destroy"]]) {
        const { code, stdout } = await place.run([...words, "--yes", "--stack", "dev"]);
        expect(stdout).toContain("\nResources:\n\n");
        expect(code).toBe(0);
      }
    });
  });
});

describe("what was made with the SDK, without it", () => {
  it("is kept, and the destroy that cannot be carried out says why", async () => {
    const place = new Workplace();
    try {
      place.declare({ resources: [{ name: "a" }] });
      await place.must("stack", "init", "dev");
      await place.must("up", "--yes", "--skip-preview", "--stack", "dev");
      rmSync(place.path("node_modules"));
      const before = (await place.export("--stack", "dev")).deployment.resources;
      const { code, stdout } = await place.run(["destroy", "--yes", "--skip-preview", "--stack", "dev"]);

      expect(stdout).toContain(`error: ${ADVICE}\n`);
      expect(code).toBe(1);
      expect(before?.length).toBe(3);
      expect((await place.export("--stack", "dev")).deployment.resources).toEqual(before);
    } finally {
      place.close();
    }
  });
});
