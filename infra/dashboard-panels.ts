// What dashboards show, before it is written for CloudWatch or Grafana: a panel for each alarm with its limit drawn in, and
// one for each metric without an alarm. Panels are made from the alarms themselves, so they cannot show another figure.
import type { Measure } from "./agent-metrics.ts";
import { type AlarmDefinition, type AlarmRules, alarmDefinitions, type Unit } from "./alarm-rules.ts";

/** A dashboard as settings name it: rules of alarms, and metrics of the agent without one. */
export interface Board {
  /** Kebab-case, e.g. `queue-status`. */
  name: string;
  title: string;
  show: readonly string[];
}

export interface Panel {
  title: string;
  metricName: string;
  /** As CloudWatch writes it, e.g. `Average` or `p95`. */
  statistic: string;
  unit: Unit;
  periodSeconds: number;
  /** The alarm's id and limit, where it has one. */
  alarm?: { id: string; severity: string; threshold: number; above: boolean };
}

/** The panels of a board, in its order. @throws when an item is neither a rule of the stack nor a metric of its agent */
export function panelsOf(
  board: Board,
  rules: AlarmRules,
  measures: { readonly [metricName: string]: Measure },
): Panel[] {
  const definitions = new Map(alarmDefinitions(rules).map((one) => [one.rule as string, one]));
  return board.show.map((item) => {
    const definition = definitions.get(item);
    if (definition) return ofAlarm(definition);
    const measure = measures[item];
    if (measure === undefined)
      throw new Error(
        `dashboard "${board.name}": "${item}" is neither a rule of greenlight:alarms nor a measure of greenlight:agent; correct it`,
      );
    return ofMeasure(item, measure);
  });
}

function ofAlarm({ id, condition, metricName, statistic, unit, timing, ...limit }: AlarmDefinition): Panel {
  const { threshold, comparisonOperator } = limit;
  return {
    title: `${inWords(metricName)} (alarm: ${condition})`,
    metricName,
    statistic: "statistic" in statistic ? statistic.statistic : statistic.extendedStatistic,
    unit,
    periodSeconds: timing.periodSeconds ?? 60,
    alarm: {
      id,
      severity: timing.severity ?? "P2",
      threshold,
      above: comparisonOperator === "GreaterThanThreshold",
    },
  };
}

const STATISTICS: { readonly [kind: string]: string } = { durations: "p95", increase: "Sum" };

function ofMeasure(metricName: string, { unit, source }: Measure): Panel {
  const statistic = STATISTICS[source.kind] ?? "Average";
  return { title: inWords(metricName), metricName, statistic, unit, periodSeconds: 60 };
}

/** `DatabaseConnectionErrors` as `Database connection errors`. */
function inWords(metricName: string): string {
  const words = metricName.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words;
}
