// Settings of the check of the application's metrics.
import { z } from "zod";
// The format of families and counters, which the check owns.
import { counted, wantedFamily } from "../../../checks/metrics/definition.ts";
import { namedList } from "../../../checks/step/named-list.ts";
import { stepOptions, webAddress } from "../kinds.ts";

/** `greenlight:metrics` */
export const metrics = () =>
  z
    .strictObject({
      url: webAddress().describe("the Prometheus endpoint"),
      families: namedList(wantedFamily()).min(1).describe("what must be there"),
      counts: namedList(counted()).default([]).describe("uses that counters must show"),
      ...stepOptions,
    })
    .describe("What the application must tell of itself in metrics.")
    .meta({
      example: {
        url: "https://app.example.com/metrics",
        families: [
          {
            name: "queue",
            metric: "queue_jobs",
            type: "gauge",
            labels: { state: ["pending", "failed"] },
            minimum: 0,
          },
        ],
        counts: [
          {
            name: "requests",
            metric: "http_request_duration_seconds_count",
            request: { url: "https://app.example.com/api/health" },
            times: 20,
          },
        ],
      },
    });
