// The dashboard in a real browser, as the stack looks at it: what it must show comes from the database, not from the page's files.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { foundOnPath, packaged } from "../../../checks/browser/launch.ts";
import { step } from "../../../checks/browser.ts";
import type { Services } from "../../../local/services/services.ts";
import { runStep } from "../../checks/support/run-step.ts";
import { sharedServices } from "../../support/services.ts";
import { startApplication, type TestApplication } from "./support/application.ts";
import { runJourney } from "./support/checks.ts";
import { inExample } from "./support/example.ts";

const onLinux = process.platform === "linux" && process.arch === "x64";
const executable = onLinux ? await packaged() : foundOnPath();

const stackFile = z.object({
  config: z.object({
    "greenlight:browser": z.object({
      token: z.object({
        key: z.string(),
        storage: z.literal("sessionStorage"),
        claims: z.record(z.string(), z.string()),
      }),
      pages: z.array(z.looseObject({ name: z.string(), url: z.string() })),
    }),
  }),
});

describe.skipIf(executable === undefined)("the dashboard", () => {
  let services: Services;
  let application: TestApplication;
  beforeAll(async () => {
    services = await sharedServices();
    application = await startApplication(services);
  });
  afterAll(() => application.stop());

  it.each([
    "local",
    "production",
  ])("shows the notification that the %s stack's browser looks for", async (stack) => {
    const file = await readFile(inExample(`Pulumi.${stack}.yaml`), "utf8");
    const { token, pages } = stackFile.parse(parse(file)).config["greenlight:browser"];
    const look = async () =>
      (
        await runStep(step, {
          executable,
          token: { ...token, secret: application.jwtSecret },
          pages: pages.map((page) => ({
            ...page,
            url: new URL(new URL(page.url.replace(/\$\{[^}]*\}/, "1")).pathname, application.running.url)
              .href,
            settleSeconds: 3,
          })),
        })
      ).seen("dashboard");
    await application.database.query("DELETE FROM notifications");
    expect(await look()).toMatchObject({ result: "failed", observed: 'no text "Aviso para la página"' });
    await runJourney(services, application, "page-notice");
    expect(await look()).toMatchObject({ result: "passed" });
  });
});
