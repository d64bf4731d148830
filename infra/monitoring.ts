// What watches the system: alarms, dashboards, and the agent that writes what both read. Put together here, since each is
// made from what the settings of the others say.
import type * as pulumi from "@pulumi/pulumi";
import { Agent } from "./agent.ts";
import { agentMetrics, type WrittenElsewhere } from "./agent-metrics.ts";
import type { AlarmRules } from "./alarm-rules.ts";
import { Alarms } from "./alarms.ts";
import { Dashboards } from "./dashboards.ts";
import type { Logs } from "./logs.ts";
import { Probes } from "./probes.ts";
import type { Settings } from "./settings.ts";

/** What the stack holds that is watched. */
export interface Watched {
  account: { accountId: string; region: string; disposable: boolean } | undefined;
  /** KMS key of topics and of the agent's plan. */
  keyArn: pulumi.Output<string> | undefined;
  /** The most that roles may do, an ARN. */
  permissionsBoundary: pulumi.Output<string> | undefined;
  logs: Logs | undefined;
  databaseUrl: pulumi.Input<string> | undefined;
  cacheUrl: pulumi.Input<string> | undefined;
  backupBucket: pulumi.Input<string> | undefined;
}

/** The components of watching that the stack has settings for. */
export function monitoring(settings: Settings, watched: Watched) {
  const { account, keyArn, permissionsBoundary } = watched;
  if (!account || !keyArn) return {};
  const { name } = settings.system;
  const namespace = namespaceOf(settings);
  const rules = rulesOf(settings);
  const { measures = {} } = settings.agent ?? {};
  const alarms =
    settings.alarms &&
    new Alarms(name, { ...settings.alarms, ...account, rules, keyArn, permissionsBoundary });
  const dashboards =
    settings.dashboards &&
    new Dashboards(name, { ...settings.dashboards, ...account, namespace, rules, measures });
  const probes =
    settings.probes && alarms && new Probes(name, { ...settings.probes, topicArn: alarms.topicArns.P1 });
  return { alarms, dashboards, probes, agent: agentOf(settings, watched, rules) };
}

/** Where all metrics of a stack are. */
export function namespaceOf({ alarms, system }: Pick<Settings, "alarms" | "system">): string {
  return alarms?.namespace ?? system.name;
}

function agentOf(settings: Settings, watched: Watched, rules: AlarmRules): Agent | undefined {
  const { account, keyArn, logs, databaseUrl, cacheUrl, backupBucket } = watched;
  if (!settings.agent || !account || !keyArn) return undefined;
  const { sources, measures, log, ...given } = settings.agent;
  const group = log && logs?.groupNames[settings.logs?.groups.indexOf(log.group) ?? -1];
  return new Agent(settings.system.name, {
    ...given,
    ...account,
    keyArn,
    namespace: namespaceOf(settings),
    highResolution: Object.values(rules).some(({ periodSeconds = 60 }) => periodSeconds < 60) || undefined,
    metrics: agentMetrics(rules, sources, measures, writtenElsewhere(settings)),
    databaseUrl,
    cacheUrl,
    backupBucket,
    log: log && group && { ...log, group },
  });
}

/** The rules of the stack, and where it has an agent the one that says that the agent is gone. */
function rulesOf({ alarms, agent }: Settings): AlarmRules {
  if (!alarms) return {};
  if (!agent) return alarms.rules;
  // Long enough for three looks, in CloudWatch's own steps of a minute.
  const periodSeconds = Math.ceil((3 * agent.intervalSeconds) / 60) * 60;
  return { agent: { belowBeats: 1, periodSeconds }, ...alarms.rules };
}

/** Rules whose metric the agent does not write from a source: its heartbeat, and what a metric filter counts. */
export function writtenElsewhere({ logs }: Pick<Settings, "logs">): WrittenElsewhere {
  return logs?.errorPattern === undefined ? ["agent"] : ["agent", "logErrors"];
}
