// Which metrics the agent writes, and from what: those of the alarm rules, and those that only dashboards show.
import type { Metric } from "../agent/plan.ts";
import type { Source } from "../agent/source.ts";
import { type AlarmRules, KINDS, RULE_NAMES, type RuleName, type Unit } from "./alarm-rules.ts";

/** Where a rule's metric comes from unless the stack says otherwise. */
export const USUAL_SOURCES: { readonly [Rule in RuleName]?: Source } = {
  databaseErrors: { kind: "databaseErrors" },
  databaseConnections: { kind: "databaseConnections" },
  cacheErrors: { kind: "cacheErrors" },
  cacheMemory: { kind: "cacheMemory" },
  memory: { kind: "memory" },
  cpu: { kind: "cpu" },
  diskFree: { kind: "diskFree", path: "/" },
  backupAge: { kind: "backupAge" },
  logErrors: { kind: "logErrors" },
};

/** A metric without an alarm. */
export interface Measure {
  unit: Unit;
  source: Source;
}

/** Rules whose metric somebody else writes: the agent's own heartbeat, and what a metric filter counts. */
export type WrittenElsewhere = readonly RuleName[];

/** The metrics of the rules that the agent writes, then those that stand for themselves. */
export function agentMetrics(
  rules: AlarmRules,
  sources: { readonly [Rule in RuleName]?: Source },
  measures: { readonly [metricName: string]: Measure },
  elsewhere: WrittenElsewhere,
): Metric[] {
  const ofRules = RULE_NAMES.filter((rule) => rules[rule] !== undefined && !elsewhere.includes(rule)).flatMap(
    (rule) => {
      const source = sources[rule] ?? USUAL_SOURCES[rule];
      return source === undefined ? [] : [{ name: KINDS[rule].metricName, unit: KINDS[rule].unit, source }];
    },
  );
  return [...ofRules, ...Object.entries(measures).map(([name, measure]) => ({ name, ...measure }))];
}

/** Rules whose metric nothing writes. */
export function unwritten(
  rules: AlarmRules,
  sources: { readonly [Rule in RuleName]?: Source },
  elsewhere: WrittenElsewhere,
): RuleName[] {
  return RULE_NAMES.filter(
    (rule) => rules[rule] && !elsewhere.includes(rule) && !sources[rule] && !USUAL_SOURCES[rule],
  );
}
