// One look at all alarms, and the drill of those that are to be drilled.
import type { AlarmsInputs } from "../alarms.ts";
import type { Finding, Observation, StepContext } from "../step/definition.ts";
import { judgeAlarm, judgeStates } from "./definition.ts";
import { describeAlarms, drillAlarms } from "./drill.ts";

export async function runAlarms(given: AlarmsInputs, { log, signal }: StepContext): Promise<Finding> {
  const { CloudWatchClient } = await import("@aws-sdk/client-cloudwatch");
  const client = new CloudWatchClient({});
  try {
    const names = given.alarms.map((alarm) => alarm.alarmName);
    const seen = new Map((await describeAlarms(client, names, signal)).map((a) => [a.AlarmName, a]));
    const observations: Observation[] = [
      ...given.alarms.map((wanted) => judgeAlarm(wanted, seen.get(wanted.alarmName))),
      judgeStates([...seen.values()]),
    ];
    const drilled = given.drill.flatMap((id) => {
      const alarm = seen.get(given.alarms.find((wanted) => wanted.id === id)?.alarmName);
      return alarm ? [{ id, alarm }] : [];
    });
    if (given.receiptUrl !== undefined && drilled.length > 0) {
      log(`test messages of ${drilled.map(({ id }) => id).join(", ")}`);
      const receipt = { receiptUrl: given.receiptUrl, deliverySeconds: given.deliverySeconds };
      observations.push(...(await drillAlarms(client, drilled, receipt, signal)));
    }
    return { observations, facts: { alarms: given.alarms.length, drilled: drilled.map(({ id }) => id) } };
  } finally {
    client.destroy();
  }
}
