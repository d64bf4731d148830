// The secrets check on the emulator's Secrets Manager, a real PostgreSQL role and a server that judges tokens.
import { createHash, randomBytes } from "node:crypto";
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ageOf } from "../../checks/secrets/age.ts";
import { step } from "../../checks/secrets.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { adminUrl, query } from "./support/database.ts";
import { answer, withServer } from "./support/http-server.ts";
import { runStep } from "./support/run-step.ts";

const role = `secrets_${randomBytes(4).toString("hex")}`;
const passwords = { old: "the-old-password-1", now: "the-new-password-2" };
const keys = {
  old: "old-key-of-48-characters-old-key-of-48-characters",
  now: "new-key-of-48-characters-new-key-of-48-characters",
};
let address: (password: string) => string;

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  const admin = await adminUrl();
  await query(admin, `create role ${role} login password '${passwords.now}'`);
  address = (password) => admin.replace(/\/\/[^@]*@/, `//${role}:${password}@`);
});
afterAll(async () => {
  await query(await adminUrl(), `drop role ${role}`);
});

/** A secret with these values, one version after the other. */
async function vaultWith(...versions: ({ [variable: string]: string } | string)[]): Promise<string> {
  const client = new SecretsManagerClient({});
  const Name = `secrets-test/${randomBytes(6).toString("hex")}`;
  await client.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(versions[0]) }));
  for (const version of versions.slice(1))
    await client.send(new PutSecretValueCommand({ SecretId: Name, SecretString: JSON.stringify(version) }));
  return Name;
}

const digest = (value: string) => createHash("sha256").update(value).digest("hex");

describe("a password that was rotated", () => {
  const judge = (old: string, now: string) => judgeAddresses(address(old), address(now));
  const judgeAddresses = async (old: string, now: string) =>
    runStep(step, {
      secret: await vaultWith({ DATABASE_URL: old }, { DATABASE_URL: now }),
      variables: ["DATABASE_URL"],
      generated: ["DATABASE_URL"],
      database: { variable: "DATABASE_URL" },
    });

  it("opens a session, and the one before it does not", async () => {
    const { seen, facts } = await judge(passwords.old, passwords.now);
    expect(seen("database-url")).toMatchObject({ result: "passed" });
    expect(seen("database-url-accepted")).toMatchObject({
      result: "passed",
      observed: `a session as ${role}`,
    });
    expect(seen("database-url-replaced")).toMatchObject({ result: "passed", observed: "refused (28P01)" });
    expect(JSON.stringify(facts)).not.toMatch(/password/);
  });

  it("fails the step when the server never learned it, and the old one still opens", async () => {
    const { seen } = await judge(passwords.now, passwords.old);
    expect(seen("database-url-accepted")).toMatchObject({ result: "failed", observed: "refused (28P01)" });
    expect(seen("database-url-replaced")).toMatchObject({
      result: "failed",
      observed: `a session as ${role}`,
    });
  });

  it("fails the step when only the way without TLS is refused, which the same password would open with it", async () => {
    const plain = address(passwords.now).replace("sslmode=require", "sslmode=disable");
    const { seen } = await judgeAddresses(plain, address(passwords.now));
    expect(seen("database-url-accepted").result).toBe("passed");
    expect(seen("database-url-replaced")).toMatchObject({
      result: "failed",
      observed: "no answer that says anything about the password (28000)",
    });
  });

  it("fails the step when nobody answers: that is no refusal", async () => {
    const nowhere = "postgresql://somebody:password@127.0.0.1:1/postgres";
    const { seen } = await judgeAddresses(nowhere, address(passwords.now));
    expect(seen("database-url-replaced").result).toBe("failed");
  });
});

describe("a key that signs tokens", () => {
  /** The application knows this key. */
  const judge = (running: string) =>
    withServer(
      async (request, response) => {
        const token = (request.headers.authorization ?? "").replace("Bearer ", "");
        const verified = jwtVerify(token, new TextEncoder().encode(running));
        answer(
          response,
          await verified.then(
            () => 200,
            () => 401,
          ),
          {},
        );
      },
      async (url) =>
        runStep(step, {
          secret: await vaultWith({ JWT_SECRET: keys.old }, { JWT_SECRET: keys.now }),
          variables: ["JWT_SECRET"],
          generated: ["JWT_SECRET"],
          token: { variable: "JWT_SECRET", url },
        }),
    );

  it("is accepted when it is the vault's, and the one before it is not", async () => {
    const { seen } = await judge(keys.now);
    expect(seen("jwt-secret-accepted")).toMatchObject({ result: "passed", observed: "status 200" });
    expect(seen("jwt-secret-replaced")).toMatchObject({ result: "passed", observed: "status 401" });
  });

  it("fails the step when the application still runs with the key before it", async () => {
    const { seen } = await judge(keys.old);
    expect(seen("jwt-secret-accepted")).toMatchObject({ result: "failed", observed: "status 401" });
    expect(seen("jwt-secret-replaced")).toMatchObject({ result: "failed", observed: "status 200" });
  });
});

describe("a secret that was made with empty variables", () => {
  const judge = async (...versions: { [variable: string]: string }[]) =>
    runStep(step, {
      secret: await vaultWith(...versions),
      variables: ["DATABASE_URL"],
      generated: ["DATABASE_URL"],
      database: { variable: "DATABASE_URL" },
      token: { variable: "JWT_SECRET", url: "http://127.0.0.1:1/" },
    });

  it("has no value before the first one, and none while it is empty", async () => {
    const empty = { DATABASE_URL: "", JWT_SECRET: "" };
    const { seen } = await judge(empty, { ...empty, DATABASE_URL: address(passwords.now) });
    expect(seen("database-url-accepted").result).toBe("passed");
    expect(seen("database-url-replaced").observed).toBe("the vault holds no earlier value");
    expect(seen("jwt-secret-accepted")).toMatchObject({ result: "failed", observed: "none" });
    expect((await judge(empty)).seen("database-url").observed).toBe("no value in the vault");
  });
});

describe("a version before that nobody can mend", () => {
  const judge = async (before: { [variable: string]: string } | string) =>
    runStep(step, {
      secret: await vaultWith(before, { DATABASE_URL: address(passwords.now) }),
      variables: ["DATABASE_URL"],
      generated: ["DATABASE_URL"],
      database: { variable: "DATABASE_URL" },
    });

  it("has no variables where it is no object of them", async () => {
    const { seen } = await judge("to be filled in");
    expect(seen("database-url").result).toBe("passed");
    expect(seen("database-url-replaced").observed).toBe("the vault holds no earlier value");
  });

  it("fails what is to be refused where its value is no address, and nothing else", async () => {
    const { seen } = await judge({ DATABASE_URL: "changeme" });
    expect(seen("database-url-accepted").result).toBe("passed");
    expect(seen("database-url-replaced")).toMatchObject({
      result: "failed",
      observed: "no postgresql:// address, so it was not tried",
    });
    const odd = await judge({ DATABASE_URL: "postgresql://user:100%@127.0.0.1/app" });
    expect(odd.seen("database-url-accepted").result).toBe("passed");
    expect(odd.seen("database-url-replaced")).toMatchObject({
      result: "failed",
      observed: expect.stringMatching(/^not tried: databaseUrl has a % /),
    });
  });
});

describe("a value that somebody gave", () => {
  const judge = async (given: { retired?: string[]; versions: { [variable: string]: string }[] }) =>
    runStep(step, {
      secret: await vaultWith(...given.versions),
      variables: ["SMTP_PASSWORD"],
      retired: given.retired ? { SMTP_PASSWORD: given.retired } : {},
    });

  it("proves nothing as the first one in the vault", async () => {
    const { seen } = await judge({ versions: [{ SMTP_PASSWORD: "anything" }] });
    expect(seen("smtp-password").result).toBe("inconclusive");
  });

  it("proves no more where it fills an empty variable", async () => {
    const { seen } = await judge({ versions: [{ SMTP_PASSWORD: "" }, { SMTP_PASSWORD: "anything" }] });
    expect(seen("smtp-password").result).toBe("inconclusive");
  });

  it("passes when it is none of the retired ones, and fails when it is", async () => {
    const versions = [{ SMTP_PASSWORD: "today" }];
    expect((await judge({ versions, retired: [digest("template")] })).seen("smtp-password").result).toBe(
      "passed",
    );
    const { seen } = await judge({ versions, retired: [digest("today")] });
    expect(seen("smtp-password")).toMatchObject({ result: "failed", observed: "a retired value is in use" });
  });

  it("passes when it replaced another one, and fails when it is not there", async () => {
    const versions = [{ SMTP_PASSWORD: "before" }, { SMTP_PASSWORD: "after" }];
    expect((await judge({ versions })).seen("smtp-password").result).toBe("passed");
    expect((await judge({ versions: [{ OTHER: "x" }] })).seen("smtp-password").result).toBe("failed");
  });
});

describe("the age of a value", () => {
  const version = (id: string, day: string, value: string) => ({
    id,
    createdAt: `2026-${day}T00:00:00.000Z`,
    variables: { KEY: value },
  });
  const before = {
    versionId: "1",
    variables: { KEY: { since: "2026-01-01T00:00:00.000Z", replacedAt: null } },
  };

  it("stays when another variable of the secret changed", () => {
    const madeAt = "2025-06-01T00:00:00.000Z";
    const vault = { madeAt, current: version("3", "06-01", "same"), previous: version("2", "05-01", "same") };
    expect(ageOf("KEY", vault, before).since).toBe("2026-01-01T00:00:00.000Z");
    // A first look does not know what the versions before these two had.
    expect(ageOf("KEY", vault, undefined).since).toBe(madeAt);
  });

  it("starts anew with another value", () => {
    const madeAt = "2025-06-01T00:00:00.000Z";
    const vault = { madeAt, current: version("2", "06-01", "new"), previous: version("1", "01-01", "old") };
    const at = "2026-06-01T00:00:00.000Z";
    expect(ageOf("KEY", vault, before)).toEqual({ since: at, replacedAt: at });
  });

  it("is remembered over a run that could not read the vault, or ask the application", async () => {
    const secret = await vaultWith({ KEY: "value" });
    const token = { variable: "KEY", url: "http://127.0.0.1:1/me" };
    const given = { secret, variables: ["KEY"], generated: ["KEY"], token };
    const silent = await runStep(step, given);
    expect(silent.seen("key").result).toBe("passed");
    expect(silent.seen("key-accepted")).toMatchObject({
      result: "failed",
      observed: "no answer: GET http://127.0.0.1:1/me: connect ECONNREFUSED 127.0.0.1:1",
    });
    const unread = await runStep(step, { ...given, secret: `${secret}/gone` }, { previous: silent.facts });
    expect(unread.observations).toMatchObject([{ id: "key", result: "inconclusive" }]);
    expect(unread.seen("key").observed).toContain(`secret "${secret}/gone": `);
    expect(unread.facts).toEqual(silent.facts);
  });

  it("fails the step once it is too high", async () => {
    const secret = await vaultWith({ KEY: "value" });
    const given = { secret, variables: ["KEY"], generated: ["KEY"], maximumAgeDays: 90 };
    const { facts } = await runStep(step, given);
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    for (const [days, result] of [
      [89, "passed"],
      [91, "failed"],
    ] as const) {
      const previous = { ...facts, variables: { KEY: { since: daysAgo(days), replacedAt: null } } };
      expect((await runStep(step, given, { previous })).seen("key").result).toBe(result);
    }
  });
});
