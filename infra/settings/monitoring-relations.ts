// What alarms, agent, dashboards and logs say about each other: a metric that nothing writes, a panel that shows nothing.
import { USUAL_SOURCES, unwritten } from "../agent-metrics.ts";
import type { RuleName } from "../alarm-rules.ts";
import type { Fault } from "./faults.ts";
import type { Parsed } from "./relations.ts";

/** Faults between the sections that watch. */
export function monitoringFaults(parsed: Parsed): Fault[] {
  return [...sourceFaults(parsed), ...periodFaults(parsed), ...panelFaults(parsed), ...logFaults(parsed)];
}

/** Sources that read a store which the stack does not have. */
const STORES: { readonly [kind: string]: "database" | "cache" | "backup" } = {
  databaseConnections: "database",
  databaseErrors: "database",
  cacheMemory: "cache",
  cacheErrors: "cache",
  cacheList: "cache",
  backupAge: "backup",
};

function sourceFaults(parsed: Parsed): Fault[] {
  const { alarms, agent, logs } = parsed;
  if (!alarms || !agent) return [];
  const elsewhere: RuleName[] = logs?.errorPattern === undefined ? ["agent"] : ["agent", "logErrors"];
  const silent = unwritten(alarms.rules, agent.sources, elsewhere).map((rule) => ({
    path: ["greenlight:agent", "sources", rule],
    found: "nothing",
    want: `a source, since greenlight:alarms has the rule ${rule}`,
    next: "say where its metric comes from, or remove the rule",
  }));
  const rules = (Object.keys(alarms.rules) as RuleName[]).filter((rule) => alarms.rules[rule] !== undefined);
  const unreadable = rules.flatMap((rule): Fault[] => {
    const { kind } = agent.sources[rule] ?? USUAL_SOURCES[rule] ?? {};
    const store = kind && STORES[kind];
    if (store && !parsed[store])
      return [
        without(
          rule,
          `a section greenlight:${store}, since its source is ${kind}`,
          `add greenlight:${store}`,
        ),
      ];
    if (kind === "logErrors" && !agent.log && !elsewhere.includes(rule))
      return [
        without(rule, "a log to read", "add `log` to greenlight:agent, or `errorPattern` to greenlight:logs"),
      ];
    return [];
  });
  return [...silent, ...unreadable];
}

function without(rule: string, want: string, next: string): Fault {
  return {
    path: ["greenlight:alarms", "rules", rule],
    found: "nothing that could write its metric",
    want,
    next,
  };
}

/** Periods in which the metric's writer writes nothing: CloudWatch takes them for silence. */
function periodFaults({ alarms, agent, logs }: Parsed): Fault[] {
  if (!alarms) return [];
  return Object.entries(alarms.rules).flatMap(([rule, given]): Fault[] => {
    if (given === undefined) return [];
    const counted = rule === "logErrors" && logs?.errorPattern !== undefined;
    // A metric filter counts by the minute.
    const everySeconds = counted ? 60 : (agent?.intervalSeconds ?? 0);
    if (given.periodSeconds >= everySeconds) return [];
    const writer = counted ? "CloudWatch Logs" : "the agent";
    return [
      {
        path: ["greenlight:alarms", "rules", rule, "periodSeconds"],
        found: `${given.periodSeconds} seconds`,
        want: `at least ${everySeconds}, since ${writer} writes its metric that often and silence would be seen between`,
        next: counted
          ? "lengthen it, or leave the counting to the agent"
          : "lengthen it, or shorten greenlight:agent.intervalSeconds",
      },
    ];
  });
}

function panelFaults({ alarms, agent, dashboards }: Parsed): Fault[] {
  if (!alarms || !dashboards) return [];
  const shown = [
    ...Object.entries(alarms.rules).flatMap(([rule, given]) => (given === undefined ? [] : [rule])),
    ...Object.keys(agent?.measures ?? {}),
    ...(agent ? ["agent"] : []),
  ];
  return dashboards.boards.flatMap((board, index) =>
    board.show.flatMap((item, place) =>
      shown.includes(item)
        ? []
        : [
            {
              path: ["greenlight:dashboards", "boards", index, "show", place],
              found: item,
              want: "a rule of greenlight:alarms or a measure of greenlight:agent",
              next: "add it there, or correct the name",
            },
          ],
    ),
  );
}

function logFaults({ agent, logs }: Parsed): Fault[] {
  if (!agent?.log || !logs || logs.groups.includes(agent.log.group)) return [];
  return [
    {
      path: ["greenlight:agent", "log", "group"],
      found: agent.log.group,
      want: `one of ${logs.groups.join(", ")}`,
      next: "add the group to greenlight:logs, or correct the name",
    },
  ];
}
