// A page and what must be seen on it.
import { z } from "zod";

const action = () =>
  z.union([
    z.strictObject({ click: z.string().min(1).describe("selector of what is clicked") }),
    z.strictObject({
      fill: z.string().min(1).describe("selector of a field"),
      with: z.string().describe("what is typed into it"),
    }),
    z.strictObject({ see: z.string().min(1).describe("text that must show up") }),
  ]);

/** A page; its name is the observation. */
export const browserPage = () =>
  z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      .describe("name of the observations, e.g. `dashboard`"),
    url: z.url({ protocol: /^https?$/ }).describe("the page"),
    title: z.string().min(1).optional().describe("text in its title"),
    texts: z.array(z.string().min(1)).default([]).describe("texts that people must see"),
    elements: z.array(z.string().min(1)).default([]).describe("selectors that must match something visible"),
    steps: z.array(action()).default([]).describe("what is done on it, in order"),
    withinSeconds: z
      .number()
      .min(0.1)
      .max(120)
      .default(10)
      .describe("time for the page to load")
      .meta({ unit: "seconds" }),
    settleSeconds: z
      .number()
      .min(0.1)
      .max(60)
      .default(5)
      .describe("time for each thing to show up")
      .meta({ unit: "seconds" }),
    ignoredRequests: z
      .array(z.string().min(1))
      .default([])
      .describe("parts of addresses whose failure does not count, e.g. `/favicon.ico`"),
  });
export type BrowserPage = z.output<ReturnType<typeof browserPage>>;
