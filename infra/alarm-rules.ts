// What each alarm rule watches: metric, statistic, direction, and what missing data means. Limits come from the stack.
// The application, or an agent beside it, writes the metrics; the alarms step proves that datapoints arrive.

/** How often and how urgently a rule is judged. */
export interface Timing {
  /** How long one datapoint covers. @default 60 */
  periodSeconds?: number;
  /** Datapoints in a row over the limit that raise the alarm. @default 3 */
  datapoints?: number;
  /** @default "P2" */
  severity?: "P1" | "P2" | "P3";
  /** What to do; part of the description. */
  runbook?: string;
}

/** The rules that a system has, with their limits. */
export interface AlarmRules {
  queueSize?: Timing & { aboveJobs: number };
  jobFailures?: Timing & { abovePercent: number };
  responseTime?: Timing & { aboveMilliseconds: number; percentile?: number };
  emailFailures?: Timing & { abovePercent: number };
  databaseErrors?: Timing & { aboveErrors: number };
  memory?: Timing & { abovePercent: number };
  diskFree?: Timing & { belowPercent: number };
}

/** One alarm, as CloudWatch knows it. */
export interface AlarmDefinition {
  rule: keyof AlarmRules;
  /** Kebab-case, e.g. `queue-size`. */
  id: string;
  /** In words with figures and units, e.g. `more than 1000 jobs wait`. */
  condition: string;
  metricName: string;
  statistic: { statistic: "Average" | "Maximum" | "Sum" } | { extendedStatistic: string };
  unit: "Count" | "Percent" | "Milliseconds";
  comparisonOperator: "GreaterThanThreshold" | "LessThanThreshold";
  threshold: number;
  /**
   * `missing`: the metric always exists, so silence is told as INSUFFICIENT_DATA. `notBreaching`: nothing is written
   * when nothing happens.
   */
  treatMissingData: "missing" | "notBreaching";
  timing: Timing;
}

/** The alarms of the given rules, in a fixed order. */
export function alarmDefinitions(rules: AlarmRules): AlarmDefinition[] {
  const { queueSize, jobFailures, responseTime, emailFailures, databaseErrors, memory, diskFree } = rules;
  const above = "GreaterThanThreshold";
  const percentile = responseTime?.percentile ?? 95;
  const definitions: (AlarmDefinition | undefined)[] = [
    queueSize && {
      rule: "queueSize",
      id: "queue-size",
      condition: `more than ${queueSize.aboveJobs} jobs wait`,
      metricName: "QueueSize",
      statistic: { statistic: "Maximum" },
      unit: "Count",
      comparisonOperator: above,
      threshold: queueSize.aboveJobs,
      treatMissingData: "missing",
      timing: queueSize,
    },
    jobFailures && {
      rule: "jobFailures",
      id: "job-failures",
      condition: `more than ${jobFailures.abovePercent} % of the finished jobs failed`,
      metricName: "JobFailureRate",
      statistic: { statistic: "Average" },
      unit: "Percent",
      comparisonOperator: above,
      threshold: jobFailures.abovePercent,
      treatMissingData: "notBreaching",
      timing: jobFailures,
    },
    responseTime && {
      rule: "responseTime",
      id: "response-time",
      condition: `percentile ${percentile} of the API's response times is over ${responseTime.aboveMilliseconds} ms`,
      metricName: "ResponseTime",
      statistic: { extendedStatistic: `p${percentile}` },
      unit: "Milliseconds",
      comparisonOperator: above,
      threshold: responseTime.aboveMilliseconds,
      treatMissingData: "notBreaching",
      timing: responseTime,
    },
    emailFailures && {
      rule: "emailFailures",
      id: "email-failures",
      condition: `more than ${emailFailures.abovePercent} % of the mails were not accepted`,
      metricName: "EmailFailureRate",
      statistic: { statistic: "Average" },
      unit: "Percent",
      comparisonOperator: above,
      threshold: emailFailures.abovePercent,
      treatMissingData: "notBreaching",
      timing: emailFailures,
    },
    databaseErrors && {
      rule: "databaseErrors",
      id: "database-errors",
      condition: `more than ${databaseErrors.aboveErrors} connections to the database failed`,
      metricName: "DatabaseConnectionErrors",
      statistic: { statistic: "Sum" },
      unit: "Count",
      comparisonOperator: above,
      threshold: databaseErrors.aboveErrors,
      treatMissingData: "notBreaching",
      timing: databaseErrors,
    },
    memory && {
      rule: "memory",
      id: "memory",
      condition: `more than ${memory.abovePercent} % of the memory is in use`,
      metricName: "MemoryUsed",
      statistic: { statistic: "Average" },
      unit: "Percent",
      comparisonOperator: above,
      threshold: memory.abovePercent,
      treatMissingData: "missing",
      timing: memory,
    },
    diskFree && {
      rule: "diskFree",
      id: "disk-free",
      condition: `less than ${diskFree.belowPercent} % of the disk is free`,
      metricName: "DiskFree",
      statistic: { statistic: "Average" },
      unit: "Percent",
      comparisonOperator: "LessThanThreshold",
      threshold: diskFree.belowPercent,
      treatMissingData: "missing",
      timing: diskFree,
    },
  ];
  return definitions.filter((definition) => definition !== undefined);
}
