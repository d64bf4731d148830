import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { open, seal } from "../../checks/backup/encryption.ts";
import { piecesOf } from "./support/pieces.ts";

const KEY = "a key for tests with more than 32 characters";
const MIB = 1024 * 1024;

const sealed = (bytes: Buffer, size = 65_536) => buffer(seal(piecesOf(bytes, size), KEY));
const opened = (bytes: Buffer, size = 65_536, key = KEY) => buffer(open(piecesOf(bytes, size), key));

describe("sealed backups", () => {
  it.each([
    0,
    1,
    MIB - 1,
    MIB,
    MIB + 1,
    2 * MIB,
    2 * MIB + 17,
  ])("opens to the same %i bytes", async (size) => {
    const bytes = Buffer.alloc(size, "backup");
    expect((await opened(await sealed(bytes, 100_000), 33_333)).equals(bytes)).toBe(true);
  });

  it("opens however the stream is cut into pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 5000 }),
        fc.integer({ min: 1, max: 600 }),
        async (bytes, size) => {
          const plain = Buffer.from(bytes);
          expect((await opened(await sealed(plain, size), size)).equals(plain)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("shows nothing of what it holds", async () => {
    expect((await sealed(Buffer.from("PGDMP and a secret"))).includes("PGDMP")).toBe(false);
  });

  it("opens what the first release sealed", async () => {
    const object = Buffer.from(
      "R1JFRU5MQjG0jvZhbtDO3QXv9+pblcf52Elwbge3jrkqb/bp+wJU/gp+ax0VFZ6Am12s50DpPq3B3i4g4GT9nsQ=",
      "base64",
    );
    expect((await opened(object)).toString()).toBe("rows of the first release");
  });

  it("is opened by the program that the documentation shows", async () => {
    const page = readFileSync(new URL("../../docs/operation.md", import.meta.url), "utf8");
    const program = /```js\n(\/\/ open\.mjs.*?)```/s.exec(page)?.[1] ?? "";
    const plain = Buffer.alloc(2 * MIB + 17, "backup");
    const open = async (object: Buffer) =>
      spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
        input: object,
        env: { ...process.env, BACKUP_KEY: KEY },
        maxBuffer: 8 * MIB,
      });
    const object = await sealed(plain);
    const good = await open(object);
    expect(good.stderr.toString()).toBe("");
    expect(good.stdout.equals(plain)).toBe(true);
    object.writeUInt8((object.at(-1) ?? 0) ^ 1, object.length - 1);
    expect((await open(object)).status).not.toBe(0);
  });

  it("refuses another key, a changed byte, a missing end, and chunks in another order", async () => {
    const object = await sealed(Buffer.alloc(3 * MIB, "rows"));
    const chunk = MIB + 16;
    const changed = Buffer.from(object);
    changed.writeUInt8((changed[chunk + 100] ?? 0) ^ 1, chunk + 100);
    const header = object.subarray(0, 24);
    const first = object.subarray(24, 24 + chunk);
    const second = object.subarray(24 + chunk, 24 + 2 * chunk);
    const swapped = Buffer.concat([header, second, first, object.subarray(24 + 2 * chunk)]);
    await expect(opened(object, 65_536, `${KEY}!`)).rejects.toThrow("chunk 0 does not open");
    await expect(opened(changed)).rejects.toThrow("chunk 1 does not open");
    await expect(opened(object.subarray(0, 24 + 2 * chunk))).rejects.toThrow("chunk 1 does not open");
    await expect(opened(swapped)).rejects.toThrow("chunk 0 does not open");
  });

  it("refuses what is no sealed backup", async () => {
    await expect(opened(Buffer.from("PGDMP".repeat(20)))).rejects.toThrow("no whole Greenlight backup");
    await expect(opened(Buffer.alloc(0))).rejects.toThrow("no whole Greenlight backup");
    await expect(opened((await sealed(Buffer.from("x"))).subarray(0, 24))).rejects.toThrow(
      "no whole Greenlight backup",
    );
  });
});
