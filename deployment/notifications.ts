// Who is told about the release: at its start, when it is proven, and by a step that fails.
import { readMigrations } from "../checks/migrations/directory.ts";
import { Notification } from "../checks/notification.ts";
import type { Sequence } from "../checks/step/sequence.ts";
import type { Settings } from "../infra/settings.ts";
import { pathOf, type Stack } from "./stack.ts";

/** Whom the stack's settings name, and the release that they are told of. */
function audienceOf({ notifications, system, stack, release }: Settings) {
  return { system: system.name, stack, release: release?.version, channels: notifications?.channels ?? {} };
}

function back({ undo }: Settings) {
  return undo === undefined ? {} : { text: "This is a rollback." };
}

/** Steps that are added from here on tell when they fail. */
export function failures(settings: Settings, sequence: Sequence): void {
  if (!settings.notifications?.events.includes("failure")) return;
  const inputs = { event: "failure", audience: audienceOf(settings) };
  sequence.onFailure({ kind: "notification", inputs, reasonAs: "text" });
}

/** Told once for a release and its migrations. */
export function begins(settings: Settings, sequence: Sequence): void {
  if (!settings.notifications?.events.includes("start")) return;
  const { migration } = settings;
  sequence.add(Notification, "start", {
    event: "start",
    audience: audienceOf(settings),
    ...back(settings),
    triggers: migration
      ? [readMigrations(pathOf(settings, migration.directory), migration.naming).digest]
      : [],
  });
}

/** Told when everything that the release consists of is proven, not at every look. */
export function succeeded({ settings, sequence }: Stack): void {
  if (!settings.notifications?.events.includes("success")) return;
  sequence.add(Notification, "success", {
    event: "success",
    audience: audienceOf(settings),
    ...back(settings),
    triggers: sequence.times(["migration", "release", "site"]),
  });
}
