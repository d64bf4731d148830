// Ships the application's log lines to CloudWatch Logs, where they are searched, kept and handed on. The time of an event
// is the one that the line begins with, else now.
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  type InputLogEvent,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
} from "@aws-sdk/client-cloudwatch-logs";
import { LogFile } from "./log-file.ts";
import type { Plan } from "./plan.ts";

/** CloudWatch Logs takes 10 000 events of a day and 1 MiB at once, 26 bytes an event added; longer lines are cut. */
const LARGEST_BATCH = { events: 10_000, bytes: 1_000_000, milliseconds: 24 * 3_600_000 };
const LARGEST_LINE_BYTES = 250_000;
/** While so many wait for a service that does not answer, the rest waits in the file. */
const MOST_WAITING = 100_000;

export class LogShipping {
  readonly #log: NonNullable<Plan["log"]>;
  readonly #stream: string;
  readonly #file: LogFile;
  readonly #client = new CloudWatchLogsClient({});
  readonly #isError: RegExp;
  #waiting: string[] = [];
  #errors = 0;
  #opened = false;

  /** @param stream one a machine, e.g. its host name */
  constructor(log: NonNullable<Plan["log"]>, stream: string) {
    this.#log = log;
    this.#stream = stream;
    this.#file = new LogFile(log.file);
    this.#isError = new RegExp(log.errorPattern);
  }

  /** Sends what is new. What could not be sent is tried again with the next call. */
  async ship(): Promise<void> {
    if (this.#waiting.length < MOST_WAITING) {
      const lines = await this.#file.newLines();
      this.#errors += lines.filter((line) => this.#isError.test(line)).length;
      this.#waiting = this.#waiting.concat(lines);
    }
    if (this.#waiting.length > 0) await this.#open();
    while (this.#waiting.length > 0) {
      const batch = batchOf(this.#waiting, Date.now());
      await this.#client.send(
        new PutLogEventsCommand({
          logGroupName: this.#log.group,
          logStreamName: this.#stream,
          logEvents: batch,
        }),
      );
      this.#waiting.splice(0, batch.length);
    }
    await this.#file.keepPlace();
  }

  /** Error lines since the last call. */
  takeErrors(): number {
    const errors = this.#errors;
    this.#errors = 0;
    return errors;
  }

  async close(): Promise<void> {
    await this.#file.close();
    this.#client.destroy();
  }

  async #open(): Promise<void> {
    if (this.#opened) return;
    try {
      await this.#client.send(
        new CreateLogStreamCommand({ logGroupName: this.#log.group, logStreamName: this.#stream }),
      );
    } catch (error) {
      if (!(error instanceof ResourceAlreadyExistsException)) throw error;
    }
    this.#opened = true;
  }
}

/** As many of the first lines as one call takes, in the order of their times, as the service wants them. */
export function batchOf(lines: readonly string[], now: number): InputLogEvent[] {
  const batch: { timestamp: number; message: string }[] = [];
  let bytes = 0;
  let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const line of lines) {
    const message =
      Buffer.byteLength(line) > LARGEST_LINE_BYTES ? line.slice(0, LARGEST_LINE_BYTES / 4) : line;
    bytes += Buffer.byteLength(message) + 26;
    const timestamp = timeOf(message) ?? now;
    earliest = Math.min(earliest, timestamp);
    latest = Math.max(latest, timestamp);
    const full = bytes > LARGEST_BATCH.bytes || batch.length >= LARGEST_BATCH.events;
    if (batch.length > 0 && (full || latest - earliest >= LARGEST_BATCH.milliseconds)) break;
    batch.push({ timestamp, message });
  }
  return batch.sort((a, b) => a.timestamp - b.timestamp);
}

function timeOf(line: string): number | undefined {
  const [text] = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/.exec(line) ?? [];
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
