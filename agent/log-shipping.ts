// Ships the application's log lines to CloudWatch Logs, where they are searched, kept and handed on. The time of an event
// is the one that the line begins with, or has near its start where it is JSON; else that of the line before it, else now.
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";
import { LogFile } from "./log-file.ts";
import type { Plan } from "./plan.ts";

/** CloudWatch Logs takes 10 000 events of a day and 1 MiB at once, 26 bytes an event added; longer lines are cut. */
const LARGEST_BATCH = { events: 10_000, bytes: 1_000_000, milliseconds: 24 * 3_600_000 };
const LARGEST_LINE_BYTES = 250_000;
/** While so many wait for a service that does not answer, the rest waits in the file. */
const MOST_WAITING = 100_000;

/** So long a look goes on reading what it finds; time is left then to send what was read last. */
const CATCH_UP_MILLISECONDS = 20_000;
/** So many lines without a time belong to the line before them; a stack trace is shorter. */
const MOST_UNDATED = 1000;

export interface LogEvent {
  /** Milliseconds since 1970. */
  timestamp: number;
  message: string;
}

export class LogShipping {
  readonly #log: NonNullable<Plan["log"]>;
  readonly #stream: string;
  readonly #file: LogFile;
  readonly #client = new CloudWatchLogsClient({});
  readonly #isError: RegExp;
  readonly #dating = new Dating();
  #waiting: LogEvent[] = [];
  #errors = 0;
  #opened = false;
  #isRefused = false;
  /** Whether this call got to read the file. */
  #isRead = false;
  #isGone = false;

  /** @param stream one a machine, e.g. its host name */
  constructor(log: NonNullable<Plan["log"]>, stream: string) {
    this.#log = log;
    this.#stream = stream;
    this.#file = new LogFile(log.file);
    this.#isError = new RegExp(log.errorPattern);
  }

  /**
   * Sends what is new. What could not be sent is tried again with the next call.
   * @throws also when lines are lost, since the service takes none of their times
   */
  async ship(signal: AbortSignal): Promise<void> {
    this.#isRefused = false;
    this.#isRead = false;
    this.#isGone = false;
    await this.#shipNew(signal);
    if (this.#isRefused)
      throw new Error(
        "lines refused for their times, want none over 2 h ahead, 14 days old, or older than the group keeps; do their clocks go right?",
      );
    if (this.#isGone)
      throw new Error(
        `the file that was read last is gone from beside ${this.#log.file}, and what was not read of it, and of those between, with it; is it removed or compressed before the agent, which did not run, can read it?`,
      );
  }

  async #shipNew(signal: AbortSignal): Promise<void> {
    const until = Date.now() + CATCH_UP_MILLISECONDS;
    do {
      if (this.#waiting.length < MOST_WAITING) {
        const lines = await this.#file.newLines();
        this.#isRead = true;
        this.#isGone = this.#file.takeGone() || this.#isGone;
        this.#errors += lines.filter((line) => this.#isError.test(line)).length;
        this.#waiting = this.#waiting.concat(this.#dating.events(lines, Date.now()));
      }
      if (this.#waiting.length > 0) await this.#open(signal);
      while (this.#waiting.length > 0) {
        // Many short lines take many calls; the rest is sent by the next look.
        if (Date.now() >= until) return;
        await this.#sendBatch(signal);
      }
      await this.#file.keepPlace();
    } while (this.#file.more && Date.now() < until);
  }

  /** Error lines since the last call; undefined where they could not be read, which is not the same as none. */
  takeErrors(): number | undefined {
    if (!this.#isRead) return undefined;
    const errors = this.#errors;
    this.#errors = 0;
    return errors;
  }

  async close(): Promise<void> {
    await this.#file.close();
    this.#client.destroy();
  }

  async #sendBatch(signal: AbortSignal): Promise<void> {
    const batch = batchOf(this.#waiting);
    const command = new PutLogEventsCommand({
      logGroupName: this.#log.group,
      logStreamName: this.#stream,
      logEvents: batch,
    });
    try {
      const { rejectedLogEventsInfo } = await this.#client.send(command, { abortSignal: signal });
      if (rejectedLogEventsInfo !== undefined) this.#isRefused = true;
    } catch (error) {
      // Somebody removed the stream, or the group with it: the next call makes it again.
      if (error instanceof ResourceNotFoundException) this.#opened = false;
      throw error;
    }
    this.#waiting.splice(0, batch.length);
  }

  async #open(signal: AbortSignal): Promise<void> {
    if (this.#opened) return;
    try {
      await this.#client.send(
        new CreateLogStreamCommand({ logGroupName: this.#log.group, logStreamName: this.#stream }),
        { abortSignal: signal },
      );
    } catch (error) {
      if (!(error instanceof ResourceAlreadyExistsException)) throw error;
    }
    this.#opened = true;
  }
}

/** Gives lines their times. One without a time is of the line before it, as a stack trace is, and has that line's. */
export class Dating {
  #last: number | undefined;
  #undated = 0;

  /** @param now the time of lines where none is known */
  events(lines: readonly string[], now: number): LogEvent[] {
    return lines.map((line) => {
      const message =
        Buffer.byteLength(line) > LARGEST_LINE_BYTES ? line.slice(0, LARGEST_LINE_BYTES / 4) : line;
      const own = timeOf(message);
      this.#undated = own === undefined ? this.#undated + 1 : 0;
      // A log that hardly ever tells a time does not stay at that one.
      if (this.#undated > MOST_UNDATED) this.#last = undefined;
      this.#last = own ?? this.#last;
      return { timestamp: this.#last ?? now, message };
    });
  }
}

/** As many of the first events as one call takes, in the order of their times, as the service wants them. */
export function batchOf(events: readonly LogEvent[]): LogEvent[] {
  const batch: LogEvent[] = [];
  let bytes = 0;
  let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const event of events) {
    bytes += Buffer.byteLength(event.message) + 26;
    earliest = Math.min(earliest, event.timestamp);
    latest = Math.max(latest, event.timestamp);
    const full = bytes > LARGEST_BATCH.bytes || batch.length >= LARGEST_BATCH.events;
    if (batch.length > 0 && (full || latest - earliest >= LARGEST_BATCH.milliseconds)) break;
    batch.push(event);
  }
  return batch.sort((a, b) => a.timestamp - b.timestamp);
}

const ISO = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`;
const AT_START = new RegExp(`^(${ISO})`);
/** A field of a JSON line, as text or in milliseconds since 1970. */
const IN_JSON = new RegExp(String.raw`^\{.{0,200}?"(?:time|@?timestamp)"\s*:\s*(?:"(${ISO})"|(\d{13})\b)`);

function timeOf(line: string): number | undefined {
  const [, text, milliseconds] = (line.startsWith("{") ? IN_JSON : AT_START).exec(line) ?? [];
  const time = text === undefined ? Number(milliseconds ?? Number.NaN) : Date.parse(text);
  // CloudWatch Logs refuses the whole call for a time before 1970, such as Go's for none, the year 1; it would be tried for ever.
  return time >= 0 ? time : undefined;
}
