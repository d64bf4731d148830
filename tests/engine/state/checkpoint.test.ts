import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkpointText,
  openDeployment,
  parseCheckpoint,
  resourceText,
} from "../../../local/engine/state/checkpoint.ts";
import { Failure } from "../../../local/engine/state/failure.ts";
import { createCrypter, openCrypter } from "../../../local/engine/state/passphrase.ts";
import { reveal, SecretStore } from "../../../local/engine/state/secrets.ts";
import type { ResourceState, Value } from "../../../local/engine/types.ts";
import { resource, secret, urnOf } from "./stacks.ts";

const environment = { PULUMI_CONFIG_PASSPHRASE: "a passphrase" };
const crypter = createCrypter(environment);

async function written(resources: ResourceState[]): Promise<string> {
  const secrets = new SecretStore(await crypter);
  return checkpointText({
    stack: "organization/shop/dev",
    salt: secrets.salt,
    time: "2026-01-02T03:04:05Z",
    extra: { metadata: {}, later: { kept: true } },
    resources: resources.map((state) => resourceText(state, secrets)),
    pendingOperations: [],
    features: [],
  });
}

async function read(text: string) {
  return openDeployment(parseCheckpoint(text, "dev.json"), new SecretStore(await crypter), "dev");
}

describe("a checkpoint", () => {
  const values = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constant(null),
      fc.boolean(),
      // JSON knows no negative zero.
      fc.double().map((number) => (number === 0 ? 0 : number)),
      fc.string(),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie("value"), { maxKeys: 3 }),
      tie("value").map(secretOnce),
    ),
  })).value;

  it("gives back every value that it was given, secrets sealed on the way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), values, { minKeys: 1 }), async (outputs) => {
        const state = resource("a", { outputs });
        const { resources } = await read(await written([state]));
        expect(resources).toEqual([state]);
      }),
      { numRuns: 150 },
    );
  });

  it("carries keys through that this engine does not know", async () => {
    const text = (await written([resource("a")])).replace('"custom":true', '"custom":true,"refreshCount":7');
    const { resources } = await read(text);

    expect(resources[0]?.extra).toEqual({ refreshCount: 7 });
    expect(await written(resources)).toContain('"refreshCount":7');
    expect(parseCheckpoint(text, "dev.json").extra).toEqual({ metadata: {}, later: { kept: true } });
  });

  it("is refused by name when it is cut short anywhere", async () => {
    const text = await written([resource("a", { inputs: { pass: secret("hunter2") } })]);
    for (let length = 0; length < text.length; length += 7) {
      expect(() => parseCheckpoint(text.slice(0, length), "dev.json")).toThrow(
        'state file "dev.json": not a whole JSON document',
      );
    }
  });

  it("is refused or read, never something else, when a byte of it changes", async () => {
    const text = await written([resource("a", { inputs: { pass: secret("hunter2") } })]);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        async (at, letter) => {
          let outcome = "read";
          try {
            await read(text.slice(0, at) + letter + text.slice(at + 1));
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
            expect(String(error)).not.toContain("hunter2");
            outcome = "refused";
          }
          expect(["read", "refused"]).toContain(outcome);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['"version":"3.260.0+greenlight"', '"version":"3.1.0"', "magic does not fit"],
    ['"version":3', '"version":5', "has version 5"],
    [
      '"version":3',
      '"version":4,"features":["views"]',
      'the feature "views", which is not supported by the embedded engine',
    ],
    [
      '"type":"passphrase"',
      '"type":"cloud"',
      'the secrets provider "cloud", which is not supported by the embedded engine',
    ],
    ['"custom":true', '"custom":"yes"', "custom is not a boolean"],
    ['"inputs":{', '"parent":"urn:x","inputs":{', "stands before its parent urn:x"],
    ['"inputs":{', '"dependencies":["urn:x"],"inputs":{', "depends on urn:x, which does not stand before it"],
    ['"inputs":{', '"provider":"urn:p::id","inputs":{', "refers to the unknown provider urn:p::id"],
  ])("is refused with %s changed to %s", async (from, to, message) => {
    const text = await written([resource("a")]);
    expect(text).toContain(from);

    await expect(read(text.replace(from, to)).catch((error) => Promise.reject(error))).rejects.toThrow(
      message,
    );
  });

  it("is refused when a resource is there twice", async () => {
    await expect(written([resource("a"), resource("a")]).then(read)).rejects.toThrow(
      `${urnOf("a")}" is there twice`,
    );
  });

  it("is written as version 4 only where a resource asks for it", async () => {
    expect(await written([resource("a")])).toMatch(/^\{"version":3,/);
    const magic = createHash("sha256").update("3.260.0+greenlight").digest("hex");
    expect(await written([])).toContain(`"magic":"${magic}"`);
  });
});

describe("the key of a stack", () => {
  it("opens what it sealed, and refuses another passphrase, an altered text and a malformed salt", async () => {
    const { salt, encrypt } = await crypter;
    const again = await openCrypter(salt, environment);
    const sealed = encrypt("hunter2");

    expect(again.decrypt(sealed)).toBe("hunter2");
    await expect(openCrypter(salt, { PULUMI_CONFIG_PASSPHRASE: "wrong" })).rejects.toThrow(
      "incorrect passphrase",
    );
    await expect(openCrypter("v2:x", environment)).rejects.toThrow("encryptionsalt: malformed");
    await expect(openCrypter(salt, {})).rejects.toThrow("passphrase must be set");
    const altered = `${sealed.slice(0, -8)}${sealed.at(-8) === "A" ? "B" : "A"}${sealed.slice(-7)}`;
    expect(() => again.decrypt(altered)).toThrow("does not open with this stack's key");
  });
});

// A secret inside a secret is flattened on disk, as the official engine does.
function secretOnce(value: Value): Value {
  return secret(reveal(value));
}
