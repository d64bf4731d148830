// One look at all alarms and at the metrics that they read, and the drill of those that are to be drilled.
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { AlarmsInputs } from "../alarms.ts";
import type { Finding, Observation, StepContext } from "../step/definition.ts";
import { judgeDatapoints } from "./datapoints.ts";
import { judgeAlarm, judgeStates } from "./definition.ts";
import { type Described, type Drilled, drillAlarms } from "./drill.ts";
import { describeSetBack } from "./leftovers.ts";
import { unmute } from "./muting.ts";

export async function runAlarms(given: AlarmsInputs, { log, signal }: StepContext): Promise<Finding> {
  const { CloudWatchClient } = await import("@aws-sdk/client-cloudwatch");
  const client = new CloudWatchClient({});
  try {
    const observations: Observation[] = [];
    if (given.muting) observations.push(await unmute(client, given.muting, signal));
    if (given.datapointSeconds !== undefined)
      observations.push(...(await judgeDatapoints(client, given.alarms, given.datapointSeconds, signal)));
    const seen = await describeSetBack(client, namesOf(given), signal);
    observations.push(...given.alarms.map((wanted) => judged(wanted, seen)), judgeStates(seen.metric));
    const drilled = drilledOf(given, seen);
    observations.push(...(await drill(client, given, drilled, log, signal)));
    return { observations, facts: { alarms: given.alarms.length, drilled: drilled.map(({ id }) => id) } };
  } finally {
    client.destroy();
  }
}

function namesOf({ alarms }: AlarmsInputs): string[] {
  return alarms.flatMap(({ alarmName, message }) => (message ? [alarmName, message.alarmName] : [alarmName]));
}

function judged(wanted: AlarmsInputs["alarms"][number], { metric, composite }: Described): Observation {
  return judgeAlarm(
    wanted,
    metric.find(({ AlarmName }) => AlarmName === wanted.alarmName),
    composite.find(({ AlarmName }) => AlarmName === wanted.message?.alarmName),
  );
}

/** Of each drilled alarm the one that tells. */
function drilledOf(given: AlarmsInputs, { metric, composite }: Described): Drilled[] {
  return given.drill.flatMap((id) => {
    const wanted = given.alarms.find((one) => one.id === id);
    const name = wanted?.message?.alarmName ?? wanted?.alarmName;
    const alarm = [...composite, ...metric].find(({ AlarmName }) => AlarmName === name);
    return alarm ? [{ id, alarm }] : [];
  });
}

async function drill(
  client: CloudWatchClient,
  { receiptUrl, deliverySeconds, receivers }: AlarmsInputs,
  drilled: Drilled[],
  log: StepContext["log"],
  signal: AbortSignal,
): Promise<Observation[]> {
  if (receiptUrl === undefined || drilled.length === 0) return [];
  log(`test messages of ${drilled.map(({ id }) => id).join(", ")}`);
  return await drillAlarms(client, drilled, { receiptUrl, deliverySeconds, receivers }, signal);
}
