// The receiver of what a local stack sends out: mail by SMTP, chat and paging by webhook (see sink/).

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "./daemon.ts";
import type { ServicesRecord } from "./record.ts";
import { plainEnvironment } from "./tool.ts";

export async function prepareSink(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

export function sinkCommand(folder: string, record: ServicesRecord): Command {
  const { ports, credentials } = record;
  return {
    file: process.execPath,
    args: [
      join(import.meta.dirname, "sink", "main.ts"),
      ...[
        join(folder, "messages.jsonl"),
        String(ports.smtp),
        String(ports.sink),
        `http://127.0.0.1:${ports.aws}`,
      ],
    ],
    env: {
      ...plainEnvironment(),
      SINK_SMTP_USER: credentials.smtpUser,
      SINK_SMTP_PASSWORD: credentials.smtpPassword,
    },
    cwd: folder,
  };
}

/** True once the sink takes mail and webhook calls. */
export async function probeSink(port: number): Promise<true | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(3000) });
    return response.ok ? true : undefined;
  } catch {
    return undefined; // refused, reset or late: not ready
  }
}
