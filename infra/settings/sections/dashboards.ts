// Settings of dashboards: which figures stand together.
import { z } from "zod";

/** `greenlight:dashboards` */
export const dashboards = () =>
  z
    .strictObject({
      boards: z
        .array(
          z.strictObject({
            name: z
              .string()
              .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
              .describe("part of its address; kebab-case"),
            title: z.string().min(1).describe("what people read"),
            show: z
              .array(z.string().min(1))
              .min(1)
              .max(50)
              .describe("rules of greenlight:alarms and measures of greenlight:agent, in this order"),
          }),
        )
        .min(1)
        .describe("one dashboard each, in CloudWatch and as JSON for Grafana (`greenlight grafana`)"),
    })
    .refine(({ boards }) => new Set(boards.map(({ name }) => name)).size === boards.length, {
      error: "a name of its own for each board",
      path: ["boards"],
    })
    .describe("Dashboards, made from the alarms and the agent's metrics.")
    .meta({
      example: {
        boards: [{ name: "queue-status", title: "Queue status", show: ["queueSize", "responseTime"] }],
      },
    });
