// Addresses that carry a password, as those of a test system behind basic authentication do.
import { describe, expect, it } from "vitest";
import { step as browser } from "../../checks/browser.ts";
import { step as health } from "../../checks/health.ts";
import { step as latency } from "../../checks/latency.ts";
import { step as release } from "../../checks/release.ts";
import { step as smoke } from "../../checks/smoke.ts";
import { redactor } from "../../checks/step/redaction.ts";

const url = "https://tester:a%20password@staging.example.org/";
const known = (secrets: string[]) => redactor(secrets)(url);

describe("the password of an address", () => {
  it("is shown by no step", () => {
    const targets = [{ name: "site", url }];
    const shown = [
      known(health.secrets(health.inputs().parse({ targets }))),
      known(latency.secrets(latency.inputs().parse({ targets }))),
      known(release.secrets(release.inputs().parse({ version: "1", command: ["x"], versionUrl: url }))),
      known(smoke.secrets(smoke.inputs().parse({ file: "journeys.yaml", baseUrl: url }))),
      known(browser.secrets(browser.inputs().parse({ pages: targets }))),
    ];
    expect(shown).toEqual(shown.map(() => "https://tester:[secret]@staging.example.org/"));
  });
});
