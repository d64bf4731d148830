// What the steps that read the application's log are told to look for.
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import type { Stack } from "../../deployment/stack.ts";
import { logArchive, logs } from "../../deployment/watched.ts";
import { sections } from "../../infra/settings/sections.ts";

it("no log may show the application's secrets, nor the passwords of the stores that the stack gives it", async () => {
  const all = sections();
  const added: { secrets: pulumi.Output<string[]> }[] = [];
  const environment = {
    SMTP_PASSWORD: "of-the-mail-server",
    DATABASE_URL: "postgresql://app:of%20the%20database@db/orders",
    PUBLIC_URL: "https://orders.org",
  };
  const stack = {
    settings: {
      stack: "production",
      application: all.application.parse({
        rulesFile: "environment.yaml",
        secrets: { SMTP_PASSWORD: "of-the-mail-server" },
      }),
      logChecks: all.logChecks.parse({ sources: [{ name: "app", file: "app.log", json: {} }] }),
      logArchive: all.logArchive.parse({}),
    },
    estate: {
      application: { environment: pulumi.output(environment) },
      logArchive: { bucketName: "logs" },
    },
    path: (path: string) => path,
    sequence: {
      times: () => [],
      add: (_step: unknown, _name: string, args: (typeof added)[number]) => added.push(args),
    },
  };
  logs(stack as unknown as Stack);
  logArchive(stack as unknown as Stack);
  const told = await Promise.all(
    added.map(({ secrets }) => new Promise<string[]>((resolve) => void secrets.apply(resolve))),
  );
  const wanted = ["of-the-mail-server", "of%20the%20database", "of the database"];
  expect(told).toEqual([wanted, wanted]);
});
