// Alarms that a drill set off and never set back, because its process was killed: a composite one would stay so until one of those
// that it is made of changes, and every later drill would take it for firing by itself.
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { type Described, describeAlarms, setState } from "./drill.ts";

/** What a drill gives as the reason. */
const OF_A_DRILL = /^drill[0-9a-f]{16}-[a-z0-9-]+: test message$/;

/** The alarms of these names, after those that a drill left in ALARM were set back. */
export async function describeSetBack(
  client: CloudWatchClient,
  names: string[],
  signal: AbortSignal,
): Promise<Described> {
  const seen = await describeAlarms(client, names, signal);
  const left = [...seen.metric, ...seen.composite].filter(
    ({ StateValue, StateReason }) => StateValue === "ALARM" && OF_A_DRILL.test(StateReason ?? ""),
  );
  for (const alarm of left)
    await setState(client, alarm, "OK", "end of a test message whose drill was cut off", signal);
  return left.length === 0 ? seen : await describeAlarms(client, names, signal);
}
