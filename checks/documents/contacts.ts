// The people behind a system, from a YAML file: who answers in which role, how they are reached, and who is asked next.
//
//     contacts:
//       - { role: on-call, name: Ana Ruiz, email: ana.ruiz@orders.org, phone: "+34 600 000 000" }
//     escalation:
//       - { role: on-call, afterMinutes: 0 }
//       - { role: engineering lead, afterMinutes: 15 }
import { parse } from "yaml";
import { z } from "zod";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";

export const contactsWanted = () =>
  z.strictObject({
    file: z.string().min(1).describe("the contacts (YAML)"),
    roles: z.array(z.string().min(1)).min(1).describe("roles that somebody must answer in"),
    escalation: z
      .boolean()
      .default(false)
      .describe("whether the order in which people are asked must be given"),
  });
export type ContactsWanted = z.output<ReturnType<typeof contactsWanted>>;

const contactsFile = () =>
  z.strictObject({
    contacts: z
      .array(
        z
          .strictObject({
            role: z.string().min(1),
            name: z.string().min(2),
            email: z.email().optional(),
            phone: z
              .string()
              .regex(/^\+?[\d ()/-]{6,20}$/)
              .optional(),
            /** A chat channel or a pager service, e.g. `#operations`. */
            channel: z.string().min(2).optional(),
          })
          .refine(
            ({ email, phone, channel }) => email ?? phone ?? channel,
            "must have email, phone or channel",
          ),
      )
      .min(1),
    escalation: z
      .array(z.strictObject({ role: z.string().min(1), afterMinutes: z.int().min(0).max(10_080) }))
      .default([]),
  });

const PLACEHOLDER = /\b(todo|tbd|xxx|n\/a|someone|nobody|name|your)\b|@example\./i;

/** Observations `contacts` and, where asked for, `escalation`. @param text undefined when there is no such file */
export function judgeContacts(wanted: ContactsWanted, text: string | undefined): Observation[] {
  const expected = `${wanted.file}: somebody who can be reached as ${wanted.roles.join(", ")}`;
  const read = text === undefined ? undefined : parsed(text);
  if (read === undefined || "fault" in read) {
    const observed = read?.fault ?? `no file ${wanted.file}`;
    return [
      observe("contacts", false, expected, observed),
      ...(wanted.escalation ? [observe("escalation", false, "an order of roles", observed)] : []),
    ];
  }
  const { contacts, escalation } = read;
  // What a role is called is the stack's own word.
  const vague = contacts.filter(({ role: _role, ...one }) =>
    Object.values(one).some((value) => PLACEHOLDER.test(value ?? "")),
  );
  const real = contacts.filter((one) => !vague.includes(one));
  const missing = wanted.roles.filter((role) => !real.some((one) => one.role === role));
  const faults = [
    ...missing.map((role) => `nobody as ${role}`),
    ...vague.map(({ role }) => `a placeholder as ${role}`),
  ];
  const seen =
    faults.length === 0 ? `${real.length} people in ${wanted.roles.length} roles` : faults.join("; ");
  const found = [observe("contacts", faults.length === 0, expected, seen)];
  if (wanted.escalation)
    found.push(
      judgeEscalation(
        escalation,
        contacts.map(({ role }) => role),
      ),
    );
  return found;
}

function judgeEscalation(levels: { role: string; afterMinutes: number }[], roles: string[]): Observation {
  const unknown = levels
    .filter(({ role }) => !roles.includes(role))
    .map(({ role }) => `${role} is no contact`);
  const falling = levels.filter(
    (level, at) => at > 0 && level.afterMinutes <= (levels[at - 1]?.afterMinutes ?? 0),
  );
  const faults = [
    ...(levels.length < 2 ? [`${levels.length} levels`] : []),
    ...unknown,
    ...falling.map(({ role }) => `${role} is not later than the one before`),
  ];
  const seen = levels.map(({ role, afterMinutes }) => `${role} after ${afterMinutes} min`).join(", ");
  return observe(
    "escalation",
    faults.length === 0,
    "at least two levels, each later than the one before",
    faults.length === 0 ? seen : faults.join("; "),
  );
}

function parsed(text: string): z.output<ReturnType<typeof contactsFile>> | { fault: string } {
  try {
    const read = contactsFile().safeParse(parse(text));
    if (read.success) return read.data;
    return {
      fault: read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}
