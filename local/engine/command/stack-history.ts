// `stack history`: what was done to a stack, newest first.

import { holdsSecret } from "../project/config.ts";
import { parseConfigKey } from "../project/config-key.ts";
import { type HistoryRecord, readHistory } from "../state/history.ts";
import type { Crypter } from "../state/passphrase.ts";
import type { Value } from "../types.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { jsonEntry } from "./config-list.ts";
import { openStackContext, openStackCrypter } from "./context.ts";

export const command: Command = {
  usage: "stack history",
  summary: "Prints the updates of a stack.",
  flags: {
    ...stackFlag,
    json: { kind: "boolean", short: "j", help: "print JSON" },
    "show-secrets": { kind: "boolean", help: "print secret configuration in clear" },
    "page-size": { kind: "text", help: "updates a page, by default 10" },
    page: { kind: "text", help: "the page, counted from 1" },
    "full-dates": { kind: "boolean", help: "accepted, dates are always in full" },
  },
  refused: [],
  arguments: [0, 0],
  async run(call) {
    const context = await openStackContext(call);
    const all = await readHistory(context.backend, context.reference);
    const size = call.flags.count("page-size", 0) ?? 10;
    const page = call.flags.count("page", 0) ?? 1;
    const first = size > 0 ? (Math.max(page, 1) - 1) * size : 0;
    const records = size > 0 ? all.slice(first, first + size) : all;
    if (!call.flags.on("json")) {
      print(
        records.map((record, index) => renderRecord(record, all.length - first - index)).join("\n") ||
          "Stack has never been updated",
      );
      return 0;
    }
    const visible = call.flags.on("show-secrets");
    const sealed = records.some((record) => Object.values(record.config).some(holdsSecret));
    const crypter = visible && sealed ? await openStackCrypter(context, call) : undefined;
    const project = context.project.name;
    print(
      JSON.stringify(
        records.map((record, index) => jsonOf(record, all.length - first - index, project, crypter)),
        null,
        2,
      ),
    );
    return 0;
  },
};

function jsonOf(record: HistoryRecord, version: number, project: string, crypter: Crypter | undefined) {
  const open = (ciphertext: string) => (crypter ? crypter.decrypt(ciphertext) : "[secret]");
  const config = Object.entries(record.config).map(([key, value]): [string, Value] => {
    return [parseConfigKey(key, project), jsonEntry(value, crypter !== undefined, open)];
  });
  return {
    version,
    kind: record.kind,
    startTime: isoTime(record.startTime),
    message: record.message,
    environment: record.environment,
    config: Object.fromEntries(config),
    result: record.result,
    endTime: isoTime(record.endTime),
    ...(record.resourceChanges && { resourceChanges: record.resourceChanges }),
  };
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function renderRecord(record: HistoryRecord, version: number): string {
  const changes = Object.entries(record.resourceChanges ?? {}).map(([op, count]) => `${count} ${op}`);
  return [
    `Version: ${version}`,
    `UpdateKind: ${record.kind}`,
    `Status: ${record.result}`,
    `Message: ${record.message}`,
    `Resource Changes: ${changes.join(", ") || "none"}`,
    `Updated: ${isoTime(record.startTime)} took ${record.endTime - record.startTime}s`,
    "",
  ].join("\n");
}
