import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { SECRET, settingsOnRecord } from "../../deployment/settings-on-record.ts";
import { sections } from "../../infra/settings/sections.ts";
import type { Settings } from "../../infra/settings.ts";

/** What the record keeps of settings whose one secret is `url`. */
async function kept(url: string, stack = "production"): Promise<{ [path: string]: string }> {
  const all = sections();
  const settings: Settings = {
    system: all.system.parse({ name: "orders" }),
    notifications: all.notifications.parse({
      channels: { team: { slack: { url } } },
      events: ["start", "failure"],
    }),
    expected: {},
    region: "us-east-1",
    stack,
    directory: "/somewhere",
  };
  const output = settingsOnRecord(settings);
  if (output === undefined) throw new Error("settings: not known, want them");
  expect(await pulumi.isSecret(output)).toBe(false);
  return new Promise((resolve) => output.apply(resolve));
}

describe("settings on record", () => {
  it("are plain values by path, without what belongs to the machine", async () => {
    const settings = await kept("https://hooks.example.com/1");
    expect(settings).toMatchObject({
      "aws:region": "us-east-1",
      "greenlight:system.name": "orders",
      "greenlight:notifications.events[1]": "failure",
    });
    expect(JSON.stringify(settings)).not.toContain("/somewhere");
  });

  it("show of a secret only whether it is still the same, and nothing across stacks", async () => {
    const path = "greenlight:notifications.channels.team.slack.url";
    const [one, same, other, elsewhere] = await Promise.all([
      kept("https://hooks.example.com/1"),
      kept("https://hooks.example.com/1"),
      kept("https://hooks.example.com/2"),
      kept("https://hooks.example.com/1", "staging"),
    ]);
    expect(one[path]).toMatch(new RegExp(`^${SECRET}[0-9a-f]{24}$`));
    expect(same).toEqual(one);
    expect(other[path]).not.toBe(one[path]);
    expect(elsewhere[path]).not.toBe(one[path]);
    expect(JSON.stringify(one)).not.toContain("hooks.example.com");
  });
});
