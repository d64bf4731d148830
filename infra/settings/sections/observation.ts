// Settings of the observation after a release: measures, and what must hold until which mark.
import { z } from "zod";
// The format of measures and marks, which the check owns.
import { observed, observedFaults } from "../../../checks/observation/definition.ts";
import { stepOptions } from "../kinds.ts";

/** `greenlight:observation` */
export const observation = () =>
  z
    .strictObject({ ...observed, ...stepOptions })
    .superRefine((given, context) => {
      for (const fault of observedFaults(given)) context.addIssue({ code: "custom", ...fault });
    })
    .describe(
      "What must hold in the time after a release. The update watches the beginning, `greenlight watch` the rest.",
    )
    .meta({
      example: {
        measures: {
          requests: {
            prometheus: { url: "https://app.example.com/metrics", metric: "http_requests_total" },
          },
          "failed-requests": {
            prometheus: {
              url: "https://app.example.com/metrics",
              metric: "http_requests_total",
              labels: { status: { matches: "5.." } },
            },
          },
          pending: { sql: "select count(*) from jobs where state = 'pending'", unit: "jobs" },
        },
        marks: [
          {
            name: "first-hour",
            minutes: 60,
            checks: [
              {
                name: "errors",
                measure: "failed-requests",
                per: "requests",
                maximum: 0.5,
                trigger: "immediate",
              },
              { name: "queue", measure: "pending", maximum: 1000, failureLimit: 2, trigger: "conditional" },
            ],
          },
        ],
        inUpdate: { seconds: 120, everySeconds: 5 },
      },
    });
