// A stack file as the program sees it, made from its text: plain values as Pulumi passes them, secrets decrypted.
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { Source } from "../../../infra/settings/source.ts";

/** The variables that a stack of the local services refers to, with values of the right form. */
export const localEnvironment = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [`GREENLIGHT_PORT_${index + 1}`, `${3001 + index}`]),
  ),
  GREENLIGHT_DATABASE_URL:
    "postgresql://greenlight:database-password@127.0.0.1:5432/postgres?sslmode=require",
  GREENLIGHT_REDIS_URL: "rediss://:redis-token@127.0.0.1:6380",
  GREENLIGHT_SMTP_URL: "smtp://mailer:mail-password@127.0.0.1:2525",
  GREENLIGHT_SINK_URL: "http://127.0.0.1:8025",
  GREENLIGHT_CA_FILE: "/home/somebody/ca.pem",
  GREENLIGHT_APP_PORT: "3000",
  GREENLIGHT_PEOPLE_DIR: "/home/somebody/people",
  GREENLIGHT_REPOSITORIES_DIR: "/home/somebody/repositories",
  PM2_HOME: "/home/somebody/pm2",
};

const EXAMPLE_PROJECT = fileURLToPath(new URL("../fixtures/project", import.meta.url));

export interface Stack {
  stack?: string;
  /** The project's folder. @default one with the files that the documented examples name */
  directory?: string;
  environment?: { [name: string]: string | undefined };
  /** Plain values of `secure:` entries, by their text. */
  decrypted?: (secure: string) => string;
}

/** The source of a stack with this file. */
export function sourceOf(text: string, given: Stack = {}): Source {
  const { stack = "test", directory = EXAMPLE_PROJECT, environment = {}, decrypted } = given;
  const config: { [key: string]: unknown } = parse(text).config ?? {};
  const secretKeys = new Set<string>();
  const plain = (key: string, value: unknown, setting = ""): unknown => {
    if (Array.isArray(value)) return value.map((item) => plain(key, item, setting));
    if (value === null || typeof value !== "object") return value;
    if ("secure" in value) {
      secretKeys.add(key);
      if (setting === "webhooks") return "https://hooks.example.com/of-the-team";
      return (decrypted ?? (() => "a decrypted value of some length"))(String(value.secure));
    }
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(key, inner, name)]));
  };
  const values = Object.entries(config).map(([key, value]) => {
    const given = plain(key, value);
    return [key, typeof given === "string" ? given : JSON.stringify(given)];
  });
  return {
    stack,
    directory,
    fileName: `Pulumi.${stack}.yaml`,
    text,
    values: Object.fromEntries(values),
    secretKeys: [...secretKeys],
    environment,
  };
}
