// Freeze windows: times in which nothing is deployed, by the clock of a time zone. Pure.
import { z } from "zod";

const localTime = () =>
  z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, "must be YYYY-MM-DDTHH:MM")
    .refine(
      (time) => z.iso.datetime().safeParse(`${time}:00Z`).success,
      "must be a day and a time that there are",
    );

/** A window; `from` belongs to it, `until` does not. */
export const freeze = () =>
  z
    .strictObject({
      name: z.string().min(1).describe("what people call the window"),
      from: localTime().describe("first minute, `YYYY-MM-DDTHH:MM`"),
      until: localTime().describe("first minute after it, `YYYY-MM-DDTHH:MM`"),
      timeZone: z
        .string()
        .refine(isTimeZone, "must be an IANA time zone, e.g. Europe/Berlin")
        .describe("whose clock counts, an IANA name such as `America/La_Paz`"),
      overrideRoles: z
        .array(z.string().min(1))
        .default([])
        .describe("roles that may let a deployment through with a signed reason"),
    })
    .refine(({ from, until }) => from < until, { path: ["until"], error: "must be after `from`" })
    .describe("a window in which nothing is deployed");
export type Freeze = z.output<ReturnType<typeof freeze>>;

/** The windows that `now` lies in. */
export function activeFreezes(freezes: Freeze[], now: Date): Freeze[] {
  return freezes.filter(({ from, until, timeZone }) => {
    const local = localTimeOf(now, timeZone);
    return from <= local && local < until;
  });
}

/** `YYYY-MM-DDTHH:MM` as a clock in the zone shows it; such texts compare as the times do. */
export function localTimeOf(now: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(now);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat("en-GB", { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
