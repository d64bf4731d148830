// All changed settings, and the sections that change nothing.
import type { Steps } from "../support/planned.ts";
import type { Changes } from "./change.ts";
import { data } from "./data.ts";
import { place } from "./place.ts";
import { published } from "./published.ts";
import { watching } from "./watching.ts";

export const CHANGES: Changes = { ...place, ...data, ...published, ...watching };

/** What every rule of alarms has. */
export const RULE_CHANGES: { [field: string]: { to: unknown; steps: Steps } } = {
  limit: { to: 6, steps: { "update MetricAlarm": 20, "update CompositeAlarm": 20 } },
  percentile: { to: 99, steps: { "update MetricAlarm": 2, "update CompositeAlarm": 2 } },
  periodSeconds: { to: 120, steps: { "update MetricAlarm": 20 } },
  datapoints: { to: 5, steps: { "update MetricAlarm": 20 } },
  severity: { to: "P1", steps: { "update MetricAlarm": 20, "delete CompositeAlarm": 20 } },
  runbook: {
    to: "https://runbooks.example.com/rule",
    steps: { "update MetricAlarm": 20, "update CompositeAlarm": 20 },
  },
};

/** Sections that only steps read. */
export const CHECKS_ONLY = [
  "notifications",
  "quiesce",
  "preflight",
  "provisioned",
  "build",
  "announcements",
  "rehearsal",
  "candidate",
  "migration",
  "schema",
  "rows",
  "maintenance",
  "release",
  "processes",
  "health",
  "smoke",
  "browser",
  "security",
  "latency",
  "metrics",
  "logChecks",
  "secrets",
  "observation",
  "signOff",
  "rollback",
  "undo",
  "documents",
];
