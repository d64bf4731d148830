// What the sink keeps where the disk takes no more.
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { MessageStore } from "../../local/services/sink/message.ts";
import { folderOf } from "../support/folder.ts";

const disk = vi.hoisted(() => ({ isFull: false }));

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    appendFileSync(file: string, text: string) {
      fs.appendFileSync(file, disk.isFull ? text.slice(0, 20) : text);
      if (disk.isFull) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    },
  };
});

it("is none of a message that did not fit, and what comes after it can be read at the next start", () => {
  const file = join(folderOf({}), "messages.jsonl");
  const store = new MessageStore(file);
  const call = (body: string) => ({ kind: "webhook", name: "slack", headers: {}, body, json: null }) as const;
  store.add(call("first"));
  disk.isFull = true;
  expect(() => store.add(call("lost"))).toThrow("no space left");
  disk.isFull = false;
  store.add(call("second"));
  const bodies = new MessageStore(file).list({}).map((one) => one.kind === "webhook" && one.body);
  expect(bodies).toEqual(["first", "second"]);
});
