// Messages from templates: {{name}} stands for a value of the session.

import { service } from "../../parts/database.ts";
import { requireRow } from "../../parts/routes.ts";
import type { System } from "./system.ts";

export interface Message {
  subject: string;
  text: string;
}

/**
 * The template filled in for a session.
 * @throws when template or session does not exist, or when a name has no value: a customer must not read `{{name}}`.
 */
export async function renderTemplate(
  system: System,
  templateId: string,
  sessionId: string,
): Promise<Message> {
  const templates = await system.database.query<{ subject: string; body: string }>(
    service,
    "SELECT subject, body FROM support_templates WHERE id = $1",
    [templateId],
  );
  const { subject, body } = requireRow(templates, "template", templateId);
  const sessions = await system.database.query<Record<string, string>>(
    service,
    `SELECT s.id AS session_id, s.customer_email, s.current_step::text AS current_step, p.title AS problem_title
     FROM troubleshooting_sessions s JOIN troubleshooting_problems p ON p.id = s.problem_id WHERE s.id = $1`,
    [sessionId],
  );
  const values = requireRow(sessions, "session", sessionId);
  if (system.faults.has("template-broken")) delete values.problem_title;
  return { subject: fill(subject, values), text: fill(body, values) };
}

function fill(text: string, values: Record<string, string>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`template: "${name}" has no value; correct the template`);
    return value;
  });
}
