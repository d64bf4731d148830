// Small parts on their own: encryption, passwords, signatures, receivers, classification, the site's build.
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { classify } from "../../../examples/hv-consultores/application/work/batch.ts";
import { buildSite } from "../../../examples/hv-consultores/frontend/build.ts";
import { requireReceiver, sign } from "../../../examples/parts/delivery/webhook.ts";
import { createEncryption } from "../../../examples/parts/encryption.ts";
import { hashPassword, matchesPassword } from "../../../examples/parts/passwords.ts";
import { inExample } from "./support/example.ts";

describe("encryption at rest", () => {
  const encryption = createEncryption("k".repeat(32), "one");

  it("gives back what it was given, and never the same text twice", () => {
    const [one, two] = [encryption.encrypt("señal"), encryption.encrypt("señal")];
    expect([encryption.decrypt(one), encryption.decrypt(two)]).toEqual(["señal", "señal"]);
    expect(one).not.toBe(two);
  });

  it("refuses a changed value, another key, and another form", () => {
    const value = encryption.encrypt("x");
    const [version, iv, tag] = value.split(":");
    expect(() => encryption.decrypt([version, iv, tag, "AAAA"].join(":"))).toThrow();
    expect(() => createEncryption("l".repeat(32), "one").decrypt(value)).toThrow();
    expect(() => createEncryption("k".repeat(32), "two").decrypt(value)).toThrow();
    expect(() => encryption.decrypt("v9:a:b:c")).toThrow("unknown form, want v1");
  });
});

describe("a password", () => {
  it("matches its own hash only", async () => {
    const hash = await hashPassword("correct horse battery");
    expect(await matchesPassword("correct horse battery", hash)).toBe(true);
    expect(await matchesPassword("correct horse batterz", hash)).toBe(false);
    expect(await matchesPassword("correct horse battery", "plain")).toBe(false);
  });
});

describe("a webhook", () => {
  it("is signed as another HMAC-SHA256 signs time and body", () => {
    // From Python: hmac.new(b"a signing key", b'1768118400.{"id":"1"}', hashlib.sha256).hexdigest()
    expect(sign("a signing key", 1_768_118_400, '{"id":"1"}')).toBe(
      "f2d9989bb0aa63ef19e30cfed7f412f4be1073adc115e7b0f432be95eb80261e",
    );
  });

  it.each([
    "http://hooks.example.org/x",
    "https://127.0.0.1/x",
    "https://10.0.0.1/x",
    "https://[::1]/x",
    "https://metadata/x",
    "https://localhost/x",
  ])("is not sent to %s in production", (url) => {
    expect(() => requireReceiver(new URL(url), "production")).toThrow(/url must/);
  });

  it("is sent to a public host in production, and to this machine in a local stack", () => {
    expect(() => requireReceiver(new URL("https://hooks.example.org/x"), "production")).not.toThrow();
    expect(() => requireReceiver(new URL("http://127.0.0.1:9/x"), "local")).not.toThrow();
    expect(() => requireReceiver(new URL("http://hooks.example.org/x"), "local")).toThrow(
      "url must be https",
    );
  });
});

describe("a document", () => {
  it.each([
    ["2026-01-11", "vigente", 0],
    ["2026-01-10", "vencido", -1],
    ["2024-02-29", "vencido", -682],
    [null, "vigente", null],
  ])("that is valid until %s is %s on 2026-01-11", (vence_en, estado, dias_restantes) => {
    expect(classify({ titulo: "x", vence_en, al: "2026-01-11" })).toEqual({ estado, dias_restantes });
  });
});

describe("the site", () => {
  it("in the repository is what its sources build", async () => {
    const files = await buildSite();
    for (const [path, content] of files) expect(await readFile(inExample("site", path))).toEqual(content);
    expect([...files.keys()].filter((path) => path.endsWith(".js")).length).toBeGreaterThan(2);
  });

  it("names every asset after its content, and refers only to assets that it has", async () => {
    const files = await buildSite();
    for (const [path, content] of files) {
      if (path !== "index.html") expect(path).toMatch(/^assets\/[a-z]+\.[0-9a-f]{8}\.[a-z]+$/);
      const text = content.toString("utf8");
      const referred = [...text.matchAll(/"(?:\/assets\/|\.\/)([\w.]+)"/g)].map(
        ([, name]) => `assets/${name}`,
      );
      expect(referred.filter((name) => !files.has(name))).toEqual([]);
    }
  });
});
