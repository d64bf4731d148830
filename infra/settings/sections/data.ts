// Settings of what holds data: database, backups, cache.
import { Cron } from "croner";
import { z } from "zod";
import {
  bucketName,
  databaseAddress,
  eachOnce,
  extensionName,
  identifier,
  identity,
  LOG_RETENTION_DAYS,
  path,
  secretCacheAddress,
  stepOptions,
  whole,
} from "../kinds.ts";

/** `greenlight:database` */
export const database = () =>
  z
    .strictObject({
      adminUrl: databaseAddress().describe(
        "an existing PostgreSQL server, with a role that may create roles and databases",
      ),
      certificateFile: path()
        .optional()
        .describe("the CA that signed the server's certificate, where it is not a public one"),
      databaseName: identifier()
        .refine((name) => name.length <= 45 && !/^(pg_|postgres$|template[01]$)/.test(name), {
          error:
            "at most 45 characters, since PostgreSQL cuts off what a role's name has beyond 63, and neither a name that begins with pg_ nor one that every server has (postgres, template0, template1)",
        })
        .describe(
          "the database; its roles are NAME_owner, NAME_migrator, NAME_application, NAME_readonly and NAME_backup; the application and readers log in as NAME_application_blue or _green, NAME_readonly_blue or _green",
        )
        .meta({ example: "orders" }),
      privileges: z
        .enum(["automatic", "migrations"])
        .default("automatic")
        .describe(
          "`automatic` lets the application read and write every table that migrations create; `migrations` leaves grants to them",
        ),
      passwordGeneration: whole(1, 1_000_000, "rotations")
        .default(1)
        .describe(
          "raised by one, it gives every role a new password; the logins that the application used until then are closed after the release",
        ),
      backupRole: z
        .enum(["reads", "bypassesRowSecurity", "owner"])
        .default("reads")
        .describe(
          "what the backup's role reads by: `reads` reads every table without row-level security, `bypassesRowSecurity` also those with it (only a superuser, and from PostgreSQL 16 on a role that has the attribute itself, can give it), `owner` acts as the owner, where the server's administrator can do neither",
        ),
      applicationConnections: whole(1, 10_000, "connections")
        .default(50)
        .describe("connections that the application role may hold at once"),
      poolConnections: whole(1, 1000, "connections")
        .optional()
        .describe(
          "connections of one instance of the application, told to it in its address (`connection_limit`, with a `pool_timeout` of 10 s)",
        ),
      statementTimeoutSeconds: whole(1, 3600, "seconds")
        .default(30)
        .describe("longest statement of the application and of readers; migrations have their own limit"),
      extensions: z
        .array(extensionName())
        .refine(eachOnce, { error: "each extension once" })
        .default([])
        .describe("extensions that need the administrator, e.g. `pg_stat_statements`"),
    })
    .describe("The application's database on an existing server, and its roles.")
    .meta({
      example: {
        adminUrl: "postgresql://admin:PASSWORD@db.example.com:5432/postgres?sslmode=verify-full",
        databaseName: "orders",
        applicationConnections: 50,
      },
    });

const CLASSES = ["STANDARD_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"] as const;

interface Transition {
  days: number;
  storageClass: (typeof CLASSES)[number];
}

/** What S3 asks of the transitions of one rule. */
function inOrder({ days, storageClass }: Transition, index: number, all: Transition[]): boolean {
  const before = all[index - 1];
  if (before === undefined) return storageClass !== "STANDARD_IA" || days >= 30;
  const wait = before.storageClass === "STANDARD_IA" ? 30 : 1;
  return CLASSES.indexOf(storageClass) > CLASSES.indexOf(before.storageClass) && days >= before.days + wait;
}

/** Whether `greenlight backup`, which runs elsewhere and later, could follow the plan. */
function comesUp(cron: string): boolean {
  try {
    return new Cron(cron, { timezone: "UTC", paused: true }).nextRun() !== null;
  } catch {
    return false; // the only way in which croner says that it is no expression
  }
}

/** `greenlight:backup` */
export const backup = () =>
  z
    .strictObject({
      bucketName: bucketName()
        .optional()
        .describe("the bucket's exact name; without it one is made up from the system's name")
        .meta({ example: "orders-backups" }),
      retentionDays: whole(1, 3650, "days").default(30).describe("age at which a backup is deleted"),
      noncurrentDays: whole(1, 3650, "days")
        .default(30)
        .describe("how long an overwritten or deleted backup can still be brought back"),
      transitions: z
        .array(
          z.strictObject({
            days: whole(1, 3650, "days").describe("age of the backup"),
            storageClass: z
              .enum(CLASSES)
              .describe("what it costs less to keep in; restoring from GLACIER takes hours"),
          }),
        )
        .optional()
        .describe("when backups move to a cheaper storage class; without it they stay"),
      lockDays: whole(1, 3650, "days")
        .optional()
        .describe("object lock: for so long nobody can delete a backup"),
      lockMode: z
        .enum(["COMPLIANCE", "GOVERNANCE"])
        .default("COMPLIANCE")
        .describe(
          "`COMPLIANCE` binds the account's root user too; `GOVERNANCE` can be lifted by who has the permission for it",
        ),
      replicaRegion: z
        .string()
        .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
        .optional()
        .describe("another region that gets a copy of every backup, under a key of its own")
        .meta({ example: "eu-central-1" }),
      writers: z
        .array(identity())
        .min(1)
        .optional()
        .describe(
          "identities that bring backups beside the deploying one; they take a role that can put and neither read nor delete",
        )
        .meta({ example: ["arn:aws:iam::123456789012:role/nightly-backup"] }),
      readers: z
        .array(identity())
        .min(1)
        .optional()
        .describe("identities that may take a role that fetches backups")
        .meta({ example: ["arn:aws:iam::123456789012:role/restore"] }),
      sealed: z
        .boolean()
        .default(true)
        .describe("encrypts a backup before it leaves this machine, with a key in Secrets Manager"),
      rtoSeconds: whole(1, 604_800, "seconds")
        .default(3600)
        .describe("recovery time objective: a restore that takes longer fails the step"),
      minimumSizeRatio: z
        .number()
        .min(0)
        .max(1)
        .default(0.5)
        .describe("smallest size beside the last backup's: one that shrank suddenly is not trusted"),
      schedule: z
        .strictObject({
          cron: z
            .string()
            .regex(/^(\S+ ){4}\S+$/)
            .refine(comesUp, { error: "a cron expression of five fields that some day comes up" })
            .describe("when, five fields, UTC"),
          maximumAgeHours: whole(1, 8760, "hours")
            .default(25)
            .describe("oldest that the newest backup of the plan may be"),
          restoredWithinDays: whole(1, 366, "days")
            .default(31)
            .describe("longest time since one of them was restored with equal rows"),
          withinSeconds: whole(0, 3600, "seconds")
            .default(120)
            .describe("time for the first one, which begins with the release"),
        })
        .optional()
        .describe("backups between releases, which `greenlight backup` makes beside the application")
        .meta({ example: { cron: "0 2 * * *" } }),
      ...stepOptions,
    })
    .refine((given) => given.lockDays === undefined || given.lockDays <= given.retentionDays, {
      error: "at most `retentionDays`, since a locked backup cannot expire",
      path: ["lockDays"],
    })
    .refine(({ transitions = [] }) => transitions.every(inOrder), {
      error:
        "transitions from the dearest class to the cheapest, each later than the one before: STANDARD_IA from 30 days on, then 30 days later GLACIER_IR, GLACIER, DEEP_ARCHIVE",
      path: ["transitions"],
    })
    .refine((given) => (given.transitions ?? []).every(({ days }) => days < given.retentionDays), {
      error: "transitions before `retentionDays`, at which backups are deleted",
      path: ["transitions"],
    })
    .describe("The backup taken and proven before anything changes, and the bucket that keeps it.")
    .meta({ example: { bucketName: "orders-backups", retentionDays: 30, rtoSeconds: 3600 } });

const CLOCK = "([01]\\d|2[0-3]):[0-5]\\d";
const DAY = "(mon|tue|wed|thu|fri|sat|sun)";
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MINUTES = 24 * 60;

/** Minutes since the week began, of `sun:04:30`, or since the day did, of `04:30`. */
function minuteOf(time: string): number {
  const [minutes = 0, hours = 0] = time.split(":").toReversed().map(Number);
  return Math.max(0, DAYS.indexOf(time.slice(0, 3))) * DAY_MINUTES + hours * 60 + minutes;
}

/** How long a window is, which may end on the next day or in the next week. */
function minutesOf(window: string): number {
  const [from = "", to = ""] = window.split("-");
  const period = from.length > 5 ? 7 * DAY_MINUTES : DAY_MINUTES;
  return (minuteOf(to) - minuteOf(from) + period) % period;
}

/** Whether a daily window and a weekly one have a minute in common, on whichever day. */
function overlap(daily: string, weekly: string): boolean {
  const [day = 0, week = 0] = [daily, weekly].map((window) => minuteOf(window.split("-")[0] ?? ""));
  const after = (((day - week) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  return after < minutesOf(weekly) || DAY_MINUTES - after < minutesOf(daily);
}

/** `greenlight:cache` */
export const cache = () =>
  z
    .strictObject({
      nodeType: z
        .string()
        .regex(/^cache\.[a-z0-9]+\.[a-z0-9]+$/)
        .default("cache.t4g.small")
        .describe("size of a node"),
      nodes: whole(1, 6, "nodes")
        .default(2)
        .describe("primary and replicas; from two on, failover is automatic"),
      engineVersion: z
        .enum(["6.0", "6.2", "7.0", "7.1"])
        .default("7.1")
        .describe(
          "Redis version, of those that ElastiCache has; another one is taken over in the maintenance window, and from 6 to 7 the parameter group of the version before stays in the account",
        ),
      maxmemoryPolicy: z
        .enum([
          "noeviction",
          "allkeys-lru",
          "allkeys-lfu",
          "allkeys-random",
          "volatile-lru",
          "volatile-lfu",
          "volatile-random",
          "volatile-ttl",
        ])
        .default("noeviction")
        .describe("what happens when memory is full"),
      holdsQueue: z
        .boolean()
        .default(true)
        .describe("whether jobs are kept in it; a queue must not be evicted"),
      evictionAccepted: z
        .string()
        .min(10)
        .optional()
        .describe(
          "why a queue may lose jobs when memory is full; needed for an evicting policy with a queue",
        ),
      tokenGeneration: whole(1, 1_000_000, "rotations")
        .default(1)
        .describe("raised by one, it makes a new token"),
      formerToken: z
        .enum(["accepted", "refused"])
        .default("accepted")
        .describe(
          "whether the token of the generation before still lets clients in: `refused` once a release uses the new one, `accepted` again before the next rotation",
        ),
      snapshotDays: whole(0, 35, "days")
        .default(7)
        .describe("how long daily snapshots are kept; 0 takes none"),
      snapshotWindow: z
        .string()
        .regex(new RegExp(`^${CLOCK}-${CLOCK}$`))
        .default("03:00-04:00")
        .describe("when the daily snapshot is taken, UTC"),
      maintenanceWindow: z
        .string()
        .regex(new RegExp(`^${DAY}:${CLOCK}-${DAY}:${CLOCK}$`))
        .default("sun:04:30-sun:05:30")
        .describe("when AWS may patch it, UTC"),
      logDays: z
        .literal(LOG_RETENTION_DAYS)
        .default(30)
        .describe("how long the engine's log and the log of slow commands are kept")
        .meta({ unit: "days" }),
      certificateFile: path()
        .optional()
        .describe("the CA of the cache's certificate, where it is not a public one"),
      url: secretCacheAddress()
        .optional()
        .describe(
          "address that the application uses instead of the group's own, where another server stands in for it",
        )
        .meta({ example: "rediss://:TOKEN@cache.example.com:6379" }),
    })
    .refine(
      (given) =>
        !given.holdsQueue || given.maxmemoryPolicy === "noeviction" || given.evictionAccepted !== undefined,
      {
        error:
          "noeviction for a Redis that holds a queue, since an evicting one silently loses jobs when memory is full; set `holdsQueue: false` or say why in `evictionAccepted`",
        path: ["maxmemoryPolicy"],
      },
    )
    .refine(({ snapshotWindow }) => minutesOf(snapshotWindow) >= 60, {
      error: "at least an hour, which ElastiCache asks for",
      path: ["snapshotWindow"],
    })
    .refine(({ maintenanceWindow }) => minutesOf(maintenanceWindow) >= 60, {
      error: "at least an hour, which ElastiCache asks for",
      path: ["maintenanceWindow"],
    })
    .refine(({ snapshotWindow, maintenanceWindow }) => !overlap(snapshotWindow, maintenanceWindow), {
      error: "a time outside of `maintenanceWindow`, as ElastiCache does not do both at once",
      path: ["snapshotWindow"],
    })
    .describe("Redis: an ElastiCache replication group with TLS and a token.")
    .meta({ example: { nodeType: "cache.t4g.small", nodes: 2, maxmemoryPolicy: "noeviction" } });
