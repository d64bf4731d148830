// An alarm as CloudWatch reports it beside the alarm as it should be, field by field.
import type { CompositeAlarm, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { WantedAlarm } from "../alarms.ts";
import { type Observation, observe } from "../step/definition.ts";

/** Observation `alarm-<id>`. */
export function judgeAlarm(
  wanted: WantedAlarm,
  seen: MetricAlarm | undefined,
  message?: CompositeAlarm,
): Observation {
  const id = `alarm-${wanted.id}`;
  const expected = inWords(wanted);
  if (!seen) return observe(id, false, expected, `no alarm "${wanted.alarmName}"`);
  const faults = differences(fieldsOf(wanted), seenFields(seen));
  if (wanted.message && !message) faults.push(`no alarm "${wanted.message.alarmName}" that tells of it`);
  if (wanted.message && message)
    faults.push(...differences(messageFields(wanted.message), seenMessage(message)));
  return observe(
    id,
    faults.length === 0,
    expected,
    faults.join("; ") || `as defined, state ${seen.StateValue}`,
  );
}

/** Observation `none-firing`, over the alarms that exist. */
export function judgeStates(seen: MetricAlarm[]): Observation {
  const firing = seen.filter((alarm) => alarm.StateValue === "ALARM");
  const reasons = firing.map((alarm) => `${alarm.AlarmName}: ${alarm.StateReason ?? "no reason given"}`);
  const counts = ["OK", "INSUFFICIENT_DATA"].map(
    (state) => `${seen.filter((alarm) => alarm.StateValue === state).length} ${state}`,
  );
  return observe(
    "none-firing",
    firing.length === 0 && seen.length > 0,
    "no alarm in state ALARM",
    firing.length === 0 ? counts.join(", ") : `${firing.length} in ALARM: ${reasons.join("; ")}`,
  );
}

type Fields = { [name: string]: string };

function differences(wanted: Fields, seen: Fields): string[] {
  return Object.entries(wanted).flatMap(([name, want]) => {
    const have = seen[name] ?? "none";
    return have === want ? [] : [`${name} ${have}, want ${want}`];
  });
}

function messageFields({ alarmRule, alarmActions }: NonNullable<WantedAlarm["message"]>): Fields {
  return {
    "message's rule": alarmRule,
    "message's alarm actions": sorted(alarmActions),
    "message's ok actions": sorted(alarmActions),
    "message's actions": "enabled",
  };
}

function seenMessage(seen: CompositeAlarm): Fields {
  return {
    "message's rule": seen.AlarmRule ?? "none",
    "message's alarm actions": sorted(seen.AlarmActions ?? []),
    "message's ok actions": sorted(seen.OKActions ?? []),
    "message's actions": seen.ActionsEnabled === false ? "disabled" : "enabled",
  };
}

function fieldsOf(wanted: WantedAlarm): Fields {
  return {
    metric: `${wanted.namespace}/${wanted.metricName}`,
    dimensions: sorted(Object.entries(wanted.dimensions).map(([name, value]) => `${name}=${value}`)),
    statistic: wanted.statistic ?? wanted.extendedStatistic ?? "none",
    unit: wanted.unit ?? "none",
    comparison: wanted.comparisonOperator,
    threshold: String(wanted.threshold),
    period: `${wanted.periodSeconds} s`,
    "evaluation periods": String(wanted.evaluationPeriods),
    "datapoints to alarm": String(wanted.datapointsToAlarm),
    "missing data": wanted.treatMissingData,
    "alarm actions": sorted(wanted.alarmActions),
    "ok actions": sorted(wanted.okActions ?? wanted.alarmActions),
    actions: "enabled",
  };
}

function seenFields(seen: MetricAlarm): Fields {
  return {
    metric: `${seen.Namespace}/${seen.MetricName}`,
    dimensions: sorted((seen.Dimensions ?? []).map(({ Name, Value }) => `${Name}=${Value}`)),
    statistic: seen.ExtendedStatistic || seen.Statistic || "none",
    unit: seen.Unit ?? "none",
    comparison: seen.ComparisonOperator ?? "none",
    threshold: String(seen.Threshold),
    period: `${seen.Period} s`,
    "evaluation periods": String(seen.EvaluationPeriods),
    // CloudWatch leaves both out where they are the default.
    "datapoints to alarm": String(seen.DatapointsToAlarm ?? seen.EvaluationPeriods),
    "missing data": seen.TreatMissingData ?? "missing",
    "alarm actions": sorted(seen.AlarmActions ?? []),
    "ok actions": sorted(seen.OKActions ?? []),
    actions: seen.ActionsEnabled === false ? "disabled" : "enabled",
  };
}

function sorted(items: string[]): string {
  return items.toSorted().join(", ") || "none";
}

function inWords(wanted: WantedAlarm): string {
  const statistic = wanted.statistic ?? wanted.extendedStatistic;
  return `${statistic} of ${wanted.namespace}/${wanted.metricName} ${wanted.comparisonOperator} ${wanted.threshold}, ${wanted.datapointsToAlarm} of ${wanted.evaluationPeriods} periods of ${wanted.periodSeconds} s`;
}
