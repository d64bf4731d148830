import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { candidate } from "../../deployment/candidate.ts";
import type { Stack } from "../../deployment/stack.ts";
import { sections } from "../../infra/settings/sections.ts";

interface Given {
  journeys?: { variables: { [name: string]: string } };
}

/** What the candidate's step of a stack is given. */
function given(variables: { [name: string]: string }): Given {
  const all = sections();
  const added: Given[] = [];
  const settings = {
    candidate: all.candidate.parse({ command: ["node", "process.js"], journeys: ["order"], variables }),
    application: all.application.parse({ rulesFile: "environment.yaml" }),
    migration: all.migration.parse({ directory: "tests/deployment" }),
    release: all.release.parse({
      version: "1",
      command: ["true"],
      versionUrl: "https://orders.org/version",
      contents: ["tests/deployment"],
    }),
    smoke: all.smoke.parse({
      file: "journeys.yaml",
      baseUrl: "https://orders.org",
      variables: {
        hook: "https://receipts.orders.org",
        metricsUrl: "http://metrics.orders.internal/metrics",
      },
    }),
  };
  const stack = {
    settings,
    estate: { database: {} },
    redis: {},
    path: (path: string) => path,
    sequence: {
      steps: { backup: { facts: pulumi.output({}) } },
      add: (_step: unknown, _name: string, args: Given) => added.push(args),
    },
  };
  candidate(stack as unknown as Stack);
  return added[0] ?? {};
}

it("the candidate's journeys have the variables of smoke, and its own above them", () => {
  expect(given({ metricsUrl: "/metrics" }).journeys?.variables).toEqual({
    hook: "https://receipts.orders.org",
    metricsUrl: "/metrics",
  });
});
