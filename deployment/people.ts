// What people are told, and what is written down for them.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { Announcement } from "../checks/announcement.ts";
import { Documents } from "../checks/documents.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import type { Stack } from "./stack.ts";

/** The step `announcement` before the deployment, and `completion` after it or after a rollback. */
export function announcement(stack: Stack, when: "before" | "after"): void {
  const { settings, sequence } = stack;
  if (!settings.announcements) return;
  const { notices, variables, smtpUrl, from, receiptUrl, deliverySeconds } = settings.announcements;
  const now = settings.undo ? "rollback" : when;
  const due = notices.filter((notice) => notice.when === now).map(({ when: _, ...notice }) => notice);
  if (due.length === 0) return;
  sequence.add(Announcement, when === "before" ? "announcement" : "completion", {
    notices: due,
    variables: {
      system: settings.system.name,
      stack: settings.stack,
      version: settings.release?.version ?? "",
      ...variables,
    },
    smtpUrl,
    from,
    receiptUrl,
    deliverySeconds,
    ...stepOptions(settings.announcements),
  });
}

const rules = () => z.object({ variables: z.array(z.object({ name: z.string() })) });

export function documents(stack: Stack): void {
  const { settings, estate, sequence } = stack;
  // A rollback changes nothing that documents tell, and has of the repository only what the release kept.
  if (!settings.documents || settings.undo) return;
  const { documents: wanted, contacts, variablesIn, alarmsIn, routesIn, diagramIn } = settings.documents;
  const rulesFile = settings.application?.rulesFile;
  const variables =
    variablesIn === undefined || rulesFile === undefined
      ? []
      : rules()
          .parse(parse(readFileSync(stack.path(rulesFile), "utf8")))
          .variables.map(({ name }) => name);
  sequence.add(Documents, "documents", {
    directory: stack.path("."),
    release: settings.release?.version,
    documents: wanted,
    contacts,
    glossaries: {
      ...(variablesIn === undefined ? {} : { variables: { file: variablesIn, names: variables } }),
      ...(alarmsIn === undefined
        ? {}
        : { alarms: { file: alarmsIn, names: (estate.alarms?.alarms ?? []).map(({ rule }) => rule) } }),
    },
    routes: routesIn,
    diagram: diagramIn === undefined ? undefined : { file: diagramIn, components: estate.components },
    ...stepOptions(settings.documents),
  });
}
