// A stack that has every section of the infrastructure, with which the steps of a changed setting are planned.
import type { SectionName } from "../../../infra/settings/sections.ts";

/** Sections of a stack file, as people write them. */
export type Config = { [Name in SectionName]?: { [setting: string]: unknown } };

export const BASE = {
  system: { name: "orders", awsAccountId: "123456789012" },
  deployer: {
    identities: ["arn:aws:iam::123456789012:role/operators"],
    ci: { subjects: ["repo:orders/orders:environment:production"] },
  },
  network: {
    vpcId: "vpc-0a1b2c3d4e5f60718",
    subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-18f6e5d4c3b2a1000"],
    clientCidrBlocks: ["10.0.0.0/16"],
  },
  logs: { groups: ["application", "worker"] },
  database: {
    adminUrl: "postgresql://admin:of-the-administrator@db.example.com:5432/postgres?sslmode=verify-full",
    databaseName: "orders",
  },
  backup: {
    transitions: [{ days: 7, storageClass: "GLACIER" }],
    replicaRegion: "eu-central-1",
    lockDays: 14,
    writers: ["arn:aws:iam::123456789012:role/nightly-backup"],
    readers: ["arn:aws:iam::123456789012:role/restore"],
  },
  cache: {},
  application: {
    environment: { NODE_ENV: "production" },
    secrets: { SMTP_PASSWORD: "of-the-mail-server" },
    generated: { JWT_SECRET: {} },
    provided: { DATABASE_URL: "databaseUrl", REDIS_URL: "cacheUrl" },
  },
  release: { version: "1.0.0" },
  site: { directory: "site", domains: ["www.example.com"], zoneId: "Z0123456789ABCDEFGHIJ" },
  agent: { metricsUrls: ["http://127.0.0.1:3000/metrics"], log: { file: "orders.log" } },
  alarms: { channels: { P1: { emails: ["ops@example.com"] } }, rules: { diskFree: { belowPercent: 10 } } },
  dashboards: { boards: [{ name: "all", title: "All", show: ["diskFree"] }] },
  probes: { urls: { health: "https://app.example.com/health" } },
  record: {},
  logArchive: {},
} satisfies Config;

/** What stands around a section when its settings change: whom it is given to, and what names it. The system is always there. */
export const AROUND: { [Name in SectionName]?: SectionName[] } = {
  system: Object.keys(BASE).filter((name) => name !== "system") as SectionName[],
  deployer: [],
  network: ["cache"],
  logs: ["backup", "database", "release", "agent", "alarms", "site"],
  database: ["application", "network", "cache", "agent", "alarms", "logs"],
  backup: ["database", "release", "deployer", "logs", "agent", "alarms"],
  cache: ["network", "application", "database", "agent", "alarms", "logs"],
  application: ["database", "network", "cache"],
  site: ["logs", "deployer"],
  agent: ["alarms", "dashboards", "logs"],
  alarms: ["dashboards", "agent", "logs", "probes"],
  dashboards: ["alarms", "agent", "logs"],
  probes: ["alarms", "agent", "logs"],
  record: ["logs", "deployer"],
  logArchive: ["logs", "deployer"],
};

/** The stack in which a section's settings change. */
export function stackOf(section: SectionName, own: { [setting: string]: unknown } = {}): Config {
  const base: Config = BASE;
  const names: SectionName[] = ["system", section, ...(AROUND[section] ?? [])];
  const stack: Config = Object.fromEntries(names.map((name) => [name, base[name] ?? {}]));
  // A network is either made or adopted.
  return { ...stack, [section]: "cidrBlock" in own ? own : { ...base[section], ...own } };
}
