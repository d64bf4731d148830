// Who is told about the release or the rollback: at its start, when it is proven, and by a step that fails.
import { readMigrations } from "../checks/migrations/directory.ts";
import { Notification } from "../checks/notification.ts";
import type { Sequence } from "../checks/step/sequence.ts";
import { pathOf } from "../infra/project-path.ts";
import type { Settings } from "../infra/settings.ts";
import type { Stack } from "./stack.ts";

/** Whom the stack's settings name, and the release that they are told of. */
function audienceOf({ notifications, system, stack, release }: Settings) {
  return { system: system.name, stack, release: release?.version, channels: notifications?.channels ?? {} };
}

/** What is told of, and whether the stack wants it told; a rollback is an event of its own. */
function tidings({ undo, notifications }: Settings, event: "start" | "success" | "failure") {
  const events: string[] = notifications?.events ?? [];
  if (undo === undefined) return { wanted: events.includes(event), said: {} };
  const undone = undo.undoes === undefined ? "" : `\nUndoes ${undo.undoes}.`;
  const text = `Goes back to ${undo.to}.${undone}`;
  return {
    wanted: events.includes("rollback") || (event === "failure" && events.includes(event)),
    // Why it failed takes the text's place.
    said: event === "failure" ? { rollback: true } : { rollback: true, text },
  };
}

/** Steps that are added from here on tell when they fail. */
export function failures(settings: Settings, sequence: Sequence): void {
  const { wanted, said } = tidings(settings, "failure");
  if (!wanted) return;
  const inputs = { event: "failure", audience: audienceOf(settings), ...said };
  sequence.onFailure({ kind: "notification", inputs, reasonAs: "text" });
}

/** Told once for a release and its migrations. */
export function begins(settings: Settings, sequence: Sequence): void {
  const { wanted, said } = tidings(settings, "start");
  if (!wanted) return;
  const { migration } = settings;
  sequence.add(Notification, "start", {
    event: "start",
    audience: audienceOf(settings),
    ...said,
    triggers: migration
      ? [readMigrations(pathOf(settings, migration.directory), migration.naming).digest]
      : [],
  });
}

/** Told when everything that the release consists of is proven, not at every look. */
export function succeeded({ settings, sequence }: Stack): void {
  const { wanted, said } = tidings(settings, "success");
  if (!wanted) return;
  sequence.add(Notification, "success", {
    event: "success",
    audience: audienceOf(settings),
    ...said,
    triggers: sequence.times(["migration", "release", "site"]),
  });
}
