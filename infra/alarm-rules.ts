// What each alarm rule watches: metric, statistic, direction, and what missing data means. Limits come from the stack.
// The agent writes the metrics (infra/agent.ts names the source of each); the alarms step proves that datapoints arrive.

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

/** The rules that a system has, with their limits; the limit's name says direction and unit. */
export interface AlarmRules {
  queueSize?: Timing & { aboveJobs: number };
  processingDrop?: Timing & { abovePercent: number };
  jobFailures?: Timing & { abovePercent: number };
  workerDown?: Timing & { belowWorkers: number };
  errorRate?: Timing & { abovePercent: number };
  responseTime?: Timing & { aboveMilliseconds: number; percentile?: number };
  syncLatency?: Timing & { aboveMilliseconds: number; percentile?: number };
  emailFailures?: Timing & { abovePercent: number };
  databaseErrors?: Timing & { aboveErrors: number };
  databaseConnections?: Timing & { aboveConnections: number };
  cacheErrors?: Timing & { aboveErrors: number };
  cacheMemory?: Timing & { abovePercent: number };
  memory?: Timing & { abovePercent: number };
  cpu?: Timing & { abovePercent: number };
  diskFree?: Timing & { belowPercent: number };
  backupAge?: Timing & { aboveHours: number };
  certificateExpiry?: Timing & { belowDays: number };
  endpoint?: Timing & { belowPercent: number };
  logErrors?: Timing & { aboveLines: number };
  agent?: Timing & { belowBeats: number };
}

export type RuleName = keyof AlarmRules;

/** CloudWatch's own unit names, and no others. */
export type Unit = "Count" | "Percent" | "Milliseconds";

/**
 * `missing`: the metric always exists, so silence is told as INSUFFICIENT_DATA. `notBreaching`: nothing is written when
 * nothing happens. `breaching`: silence is the very thing that the alarm is about.
 */
export type MissingData = "missing" | "notBreaching" | "breaching";

/** One alarm, as CloudWatch knows it. */
export interface AlarmDefinition {
  rule: RuleName;
  /** Kebab-case, e.g. `queue-size`. */
  id: string;
  /** In words with figures and units, e.g. `more than 1000 jobs wait`. */
  condition: string;
  metricName: string;
  statistic: { statistic: "Average" | "Maximum" | "Minimum" | "Sum" } | { extendedStatistic: string };
  unit: Unit;
  comparisonOperator: "GreaterThanThreshold" | "LessThanThreshold";
  threshold: number;
  treatMissingData: MissingData;
  timing: Timing;
}

/** What is the same of a rule in every system. */
interface Kind {
  metricName: string;
  statistic: "Average" | "Maximum" | "Minimum" | "Sum" | "percentile";
  unit: Unit;
  missing: MissingData;
  /** The condition in words; `{}` is the limit, `{p}` the percentile. */
  words: string;
}

/** In the order in which alarms and dashboards show them. Each has a metric of its own. */
export const KINDS: { readonly [Rule in RuleName]: Kind } = {
  queueSize: {
    metricName: "QueueSize",
    statistic: "Maximum",
    unit: "Count",
    missing: "missing",
    words: "more than {} jobs wait",
  },
  processingDrop: {
    metricName: "ProcessingRateDrop",
    statistic: "Average",
    unit: "Percent",
    missing: "notBreaching",
    words: "jobs are finished more than {} % slower than before",
  },
  jobFailures: {
    metricName: "JobFailureRate",
    statistic: "Average",
    unit: "Percent",
    missing: "notBreaching",
    words: "more than {} % of the finished jobs failed",
  },
  workerDown: {
    metricName: "WorkersUp",
    statistic: "Minimum",
    unit: "Count",
    missing: "breaching",
    words: "fewer than {} workers answer",
  },
  errorRate: {
    metricName: "ErrorRate",
    statistic: "Average",
    unit: "Percent",
    missing: "notBreaching",
    words: "more than {} % of the requests ended in a server error",
  },
  responseTime: {
    metricName: "ResponseTime",
    statistic: "percentile",
    unit: "Milliseconds",
    missing: "notBreaching",
    words: "percentile {p} of the API's response times is over {} ms",
  },
  syncLatency: {
    metricName: "SyncLatency",
    statistic: "percentile",
    unit: "Milliseconds",
    missing: "notBreaching",
    words: "percentile {p} of the synchronisation's times is over {} ms",
  },
  emailFailures: {
    metricName: "EmailFailureRate",
    statistic: "Average",
    unit: "Percent",
    missing: "notBreaching",
    words: "more than {} % of the mails were not accepted",
  },
  databaseErrors: {
    metricName: "DatabaseConnectionErrors",
    statistic: "Sum",
    unit: "Count",
    missing: "notBreaching",
    words: "more than {} connections to the database failed",
  },
  databaseConnections: {
    metricName: "DatabaseConnections",
    statistic: "Maximum",
    unit: "Count",
    missing: "missing",
    words: "more than {} connections to the database are open",
  },
  cacheErrors: {
    metricName: "CacheErrors",
    statistic: "Sum",
    unit: "Count",
    missing: "notBreaching",
    words: "more than {} looks at Redis failed",
  },
  cacheMemory: {
    metricName: "CacheMemoryUsed",
    statistic: "Average",
    unit: "Percent",
    missing: "missing",
    words: "more than {} % of the memory of Redis is in use",
  },
  memory: {
    metricName: "MemoryUsed",
    statistic: "Average",
    unit: "Percent",
    missing: "missing",
    words: "more than {} % of the memory is in use",
  },
  cpu: {
    metricName: "CpuUsed",
    statistic: "Average",
    unit: "Percent",
    missing: "missing",
    words: "the processors are more than {} % busy",
  },
  diskFree: {
    metricName: "DiskFree",
    statistic: "Average",
    unit: "Percent",
    missing: "missing",
    words: "less than {} % of the disk is free",
  },
  backupAge: {
    metricName: "BackupAgeHours",
    statistic: "Maximum",
    unit: "Count",
    missing: "breaching",
    words: "the newest backup is older than {} hours",
  },
  certificateExpiry: {
    metricName: "CertificateDaysLeft",
    statistic: "Minimum",
    unit: "Count",
    missing: "missing",
    words: "the certificate expires in less than {} days",
  },
  endpoint: {
    metricName: "EndpointAvailability",
    statistic: "Average",
    unit: "Percent",
    missing: "breaching",
    words: "fewer than {} % of the probes of the public endpoints are answered",
  },
  logErrors: {
    metricName: "LogErrors",
    statistic: "Sum",
    unit: "Count",
    missing: "notBreaching",
    words: "more than {} lines of the log are errors",
  },
  agent: {
    metricName: "AgentHeartbeat",
    statistic: "Sum",
    unit: "Count",
    missing: "breaching",
    words: "the agent that writes all other metrics looked less than {} times",
  },
};

/** Every rule that there is. */
export const RULE_NAMES = Object.keys(KINDS) as RuleName[];

/** Kebab-case, e.g. `queue-size`. */
export function idOf(rule: RuleName): string {
  return rule.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The alarms of the given rules, in a fixed order. */
export function alarmDefinitions(rules: AlarmRules): AlarmDefinition[] {
  return RULE_NAMES.flatMap((rule) => {
    const given = rules[rule];
    return given === undefined ? [] : [definitionOf(rule, given)];
  });
}

type Given = Timing & { percentile?: number };

function definitionOf(rule: RuleName, given: Given): AlarmDefinition {
  const { metricName, statistic, unit, missing, words } = KINDS[rule];
  const { above, threshold } = limitOf(rule, given);
  const { percentile = 95 } = given;
  return {
    rule,
    id: idOf(rule),
    condition: words.replace("{}", String(threshold)).replace("{p}", String(percentile)),
    metricName,
    statistic: statistic === "percentile" ? { extendedStatistic: `p${percentile}` } : { statistic },
    unit,
    comparisonOperator: above ? "GreaterThanThreshold" : "LessThanThreshold",
    threshold,
    treatMissingData: missing,
    timing: given,
  };
}

/** The only setting whose name begins with above or below. */
function limitOf(rule: RuleName, given: Given): { above: boolean; threshold: number } {
  const [name, threshold] = Object.entries(given).find(([key]) => /^(above|below)[A-Z]/.test(key)) ?? [];
  if (name === undefined || typeof threshold !== "number")
    throw new Error(`alarm rule "${rule}": no limit, want above… or below… with a number; give it a limit`);
  return { above: name.startsWith("above"), threshold };
}
