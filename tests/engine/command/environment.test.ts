// Variables of the environment that the official command reads, and what they do to a stack with two resources.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../workplace.ts";

const urn = (name: string) => `urn:pulumi:dev::parity::pulumi-nodejs:dynamic:Resource::${name}`;
let place: Workplace;
beforeAll(async () => {
  place = new Workplace();
  place.declare({
    resources: ["a", "b"].map((name) => ({ name, kind: "dynamic", inputs: { v: "1" } })),
  });
  await place.must("stack", "init", "dev");
  await place.must("up", "--yes", "--skip-preview");
});
afterAll(() => place.close());

const left = async () =>
  (await place.export()).deployment.resources?.map(({ urn }: { urn: string }) => urn.split("::").at(-1)) ??
  [];

describe("the environment", { timeout: 60_000 }, () => {
  it("gives flags, which those of the command line go before", async () => {
    const environment = { PULUMI_OPTION_TARGET: `${urn("a")},${urn("b")}`, PULUMI_OPTION_MESSAGE: "unsaid" };
    const args = ["preview", "--json", "--message", "said"];
    const { stdout } = await place.run([...args], { environment });
    expect(JSON.parse(stdout).steps.length).toBe(4);
    const one = { PULUMI_OPTION_TARGET: urn("a"), PULUMI_OPTION_YES: "True" };
    expect((await place.run(["destroy"], { environment: one })).code).toBe(0);
    expect(await left()).toEqual(["parity-dev", "default", "b"]);
  });

  it("asks for no changes, which are told", async () => {
    const environment = { PULUMI_OPTION_EXPECT_NO_CHANGES: "1" };
    expect((await place.run(["preview"], { environment })).code).toBe(7);
  });

  it.each([
    "PULUMI_OPTION_EXCLUDE",
    "PULUMI_OPTION_POLICY_PACK",
    "PULUMI_RUN_PROGRAM",
  ])("is refused by name where %s asks for what is not there", async (name) => {
    const { code, stderr } = await place.run(["preview"], { environment: { [name]: "true" } });
    expect(stderr).toContain(`variable ${name}: not supported by the embedded engine`);
    expect(code).toBe(1);
  });

  it("lets a destroy go on after an error, and keeps no copies of the state", async () => {
    const backups = () => readdirSync(join(place.backend, ".pulumi/backups/parity/dev")).length;
    const resources = [
      { name: "a", kind: "dynamic", inputs: {} },
      { name: "b", kind: "dynamic", inputs: { v: "1" } },
      { name: "c", kind: "dynamic", inputs: {}, options: { dependsOn: ["a"] } },
    ];
    place.declare({ resources });
    await place.must("up", "--yes", "--skip-preview");
    place.declare({ resources, behave: { c: { delete: "in use" } } });
    const before = backups();
    const environment = {
      PULUMI_CONTINUE_ON_ERROR: "true",
      PULUMI_SKIP_CONFIRMATIONS: "TRUE",
      PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "1",
    };
    const { code } = await place.run(["destroy"], { environment });
    expect(code).toBe(1);
    expect(await left()).toEqual(["parity-dev", "default", "a", "c"]);
    expect(backups()).toBe(before);
  });
});
