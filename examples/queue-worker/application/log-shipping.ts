// Sends log lines to CloudWatch Logs in small batches. A line that cannot be sent stays in the file; the worker goes on.
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
} from "@aws-sdk/client-cloudwatch-logs";

const BATCH_LINES = 500;
const EVERY_MILLISECONDS = 500;
/** Older lines are given up when the service is away for long. */
const WAITING_LINES = 10_000;

export interface LogShipper {
  /** @param time the line's own, by which it is found. */
  add(line: string, time: Date): void;
  /** Sends what is left, once. */
  close(): Promise<void>;
}

/** @param worker the stream's name begins with it; one stream a process. */
export function shipLog(group: string, worker: string): LogShipper {
  const client = new CloudWatchLogsClient({});
  const stream = `${worker}/${process.pid}-${Date.now()}`;
  const waiting: { timestamp: number; message: string }[] = [];
  const ready = client
    .send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream }))
    .catch((error: unknown) => {
      if (!(error instanceof ResourceAlreadyExistsException)) throw error;
    });
  ready.catch(() => {}); // each send meets it again
  let sending: Promise<void> = Promise.resolve();

  async function send(): Promise<void> {
    const batch = waiting.slice(0, BATCH_LINES);
    if (batch.length === 0) return;
    try {
      await ready;
      await client.send(
        new PutLogEventsCommand({ logGroupName: group, logStreamName: stream, logEvents: batch }),
      );
      waiting.splice(0, batch.length);
    } catch {
      // Logging about logging would never end. The file has the lines; what is kept here is bounded.
      waiting.splice(0, Math.max(0, waiting.length - WAITING_LINES));
    }
  }

  const timer = setInterval(() => {
    sending = sending.then(send);
  }, EVERY_MILLISECONDS);
  timer.unref();
  return {
    add: (message, time) => waiting.push({ timestamp: time.getTime(), message }),
    async close() {
      clearInterval(timer);
      await sending;
      await send();
      client.destroy();
    },
  };
}
