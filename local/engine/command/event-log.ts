// Where `--event-log` sends events: a file, line by line, or the Automation API's gRPC stream.
import { closeSync, openSync, writeSync } from "node:fs";
import { Failure } from "../state/failure.ts";

/** Receives JSON texts in order. */
export interface EventLog {
  write(json: string): void;
  close(): Promise<void>;
}

/** Opens `FILE` or `tcp://HOST:PORT`. @throws Failure when it cannot be opened. */
export async function openEventLog(target: string): Promise<EventLog> {
  return target.startsWith("tcp://") ? await openStream(target.slice("tcp://".length)) : openFile(target);
}

// Synchronous: what is in the file tells what had happened when the process was killed.
function openFile(path: string): EventLog {
  let descriptor: number;
  try {
    descriptor = openSync(path, "a", 0o600);
  } catch (error) {
    throw new Failure(`event log "${path}": cannot be opened; check --event-log`, 1, { cause: error });
  }
  let fault: unknown;
  return {
    // A full disk must not end the update: it is reported when the log is closed.
    write(json) {
      if (fault !== undefined) return;
      try {
        writeSync(descriptor, `${json}\n`);
      } catch (error) {
        fault = error;
      }
    },
    async close() {
      closeSync(descriptor);
      if (fault instanceof Error)
        throw new Failure(
          `event log "${path}": is not whole (${fault.message}); the command itself went on`,
          1,
          {
            cause: fault,
          },
        );
    },
  };
}

async function openStream(address: string): Promise<EventLog> {
  const [{ credentials }, services, messages] = await Promise.all([
    import("@grpc/grpc-js"),
    import("@pulumi/pulumi/proto/events_grpc_pb.js"),
    import("@pulumi/pulumi/proto/events_pb.js"),
  ]);
  const client = new services.default.EventsClient(address, credentials.createInsecure());
  const closed = Promise.withResolvers<void>();
  const stream = client.streamEvents((error: Error | null) => {
    if (error)
      closed.reject(new Failure(`event log "tcp://${address}": ${error.message}`, 1, { cause: error }));
    else closed.resolve();
  });
  // A listener that went away must not end the update: it is reported when the log is closed.
  stream.on("error", () => undefined);
  closed.promise.catch(() => undefined);
  return {
    write(json) {
      const request = new messages.default.EventRequest();
      request.setEvent(json);
      stream.write(request);
    },
    async close() {
      stream.end();
      await closed.promise;
      client.close();
    },
  };
}
