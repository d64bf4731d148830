// Ways in which the troubleshooting system can be wrong.
import { start } from "../../../examples/support-troubleshooting/application/main.ts";
import type { FaultList } from "../support/fault.ts";
import { switched } from "../support/switches.ts";

export const list: FaultList = {
  system: "support-troubleshooting",
  start,
  faults: [
    {
      name: "wrong-version",
      wrong: "the application answers another version than the one released",
      steps: ["smoke"],
      boxes: ["001-009", "001-029", "001-033", "001-034"],
      apply: switched("wrong-version"),
    },
    {
      name: "auth-off",
      wrong: "requests without a token are served",
      steps: ["smoke", "security"],
      boxes: ["001-013", "001-033", "001-041"],
      apply: switched("auth-off"),
    },
    {
      name: "rate-limit-off",
      wrong: "nobody is limited in the number of requests",
      steps: ["security"],
      boxes: ["001-012"],
      apply: switched("rate-limit-off"),
    },
    {
      name: "attempt-lost",
      wrong: "a completed step is not kept",
      steps: ["smoke"],
      boxes: ["001-033", "001-043", "001-044"],
      apply: switched("attempt-lost"),
    },
    {
      name: "feedback-lost",
      wrong: "feedback is answered and not kept",
      steps: ["smoke"],
      boxes: ["001-033", "001-044"],
      apply: switched("feedback-lost"),
    },
    {
      name: "feedback-altered",
      wrong: "feedback is kept otherwise than given",
      steps: ["smoke"],
      boxes: ["001-033", "001-044"],
      apply: switched("feedback-altered"),
    },
    {
      name: "webhook-silent",
      wrong: "no webhook is sent",
      steps: ["smoke"],
      boxes: ["001-033", "001-045"],
      apply: switched("webhook-silent"),
    },
    {
      name: "webhook-signature",
      wrong: "webhooks are signed with another key",
      steps: ["smoke"],
      boxes: ["001-033", "001-045"],
      apply: switched("webhook-signature"),
    },
    {
      name: "notification-silent",
      wrong: "nobody is notified of a session's end",
      steps: ["smoke"],
      boxes: ["001-031", "001-033", "001-046"],
      apply: switched("notification-silent"),
    },
    {
      name: "mail-from",
      wrong: "mails come from another sender",
      steps: ["smoke"],
      boxes: ["001-031", "001-033", "001-046"],
      apply: switched("mail-from"),
    },
    {
      name: "views-stale",
      wrong: "the materialized views are never refreshed",
      steps: ["smoke"],
      boxes: ["001-033", "001-036"],
      apply: switched("views-stale"),
    },
    {
      name: "metrics-frozen",
      wrong: "the metrics stay as they were at the start",
      steps: ["smoke"],
      boxes: ["001-033", "001-038"],
      apply: switched("metrics-frozen"),
    },
    {
      name: "dashboard-open",
      wrong: "the dashboard shows itself to anybody",
      steps: ["smoke", "security"],
      boxes: ["001-013", "001-033", "001-041"],
      apply: switched("dashboard-open"),
    },
  ],
};
