// Everything that exists, put together from the settings: which component a stack has, and what each is given.
import * as pulumi from "@pulumi/pulumi";
import { AccessLogs } from "./access-logs.ts";
import { Backups } from "./backups.ts";
import { Boundary } from "./boundary.ts";
import { Cache } from "./cache.ts";
import { Database } from "./database.ts";
import { Deployer } from "./deployer.ts";
import { Keys } from "./keys.ts";
import { LogArchive } from "./log-archive.ts";
import { Logs } from "./logs.ts";
import { monitoring, namespaceOf } from "./monitoring.ts";
import { Network } from "./network.ts";
import { readsOf } from "./permissions/reading.ts";
import type { Service } from "./permissions.ts";
import { pathOf } from "./project-path.ts";
import { Records } from "./records.ts";
import { Secrets } from "./secrets.ts";
import type { Lock } from "./secure-bucket.ts";
import type { Settings } from "./settings.ts";
import { Site } from "./site.ts";
import { StoredSecret } from "./stored-secret.ts";

/** The components of a stack; those without settings are absent. */
export type Estate = ReturnType<typeof provision>;

/** Creates the components, in the order in which they need each other. */
export function provision(settings: Settings) {
  const { region } = settings;
  const { name, awsAccountId: accountId, disposable } = settings.system;
  const account = accountId === undefined ? undefined : { accountId, region, disposable };

  const keys = account && new Keys(name, account);
  const accessLogs =
    settings.logs &&
    account &&
    new AccessLogs(name, { ...account, retentionDays: settings.logs.accessLogDays });
  const logged = { accessLogBucket: accessLogs?.bucketName, disposable };
  const logs =
    settings.logs &&
    keys &&
    new Logs(name, { ...settings.logs, namespace: namespaceOf(settings), keyArn: keys.logs, disposable });
  const network = settings.network && new Network(name, { ...settings.network, region, disposable });
  const caFile = settings.database?.certificateFile;
  const database =
    settings.database &&
    new Database(name, {
      ...settings.database,
      server: settings.database.adminUrl,
      certificateFile: caFile === undefined ? undefined : pathOf(settings, caFile),
      disposable,
    });
  const bucketNames = [
    settings.backup?.bucketName,
    settings.record?.bucketName,
    settings.logArchive?.bucketName,
  ].filter((bucket) => bucket !== undefined);
  const boundary =
    settings.deployer && account && new Boundary(name, { accountId: account.accountId, bucketNames });
  const permissionsBoundary = boundary?.policyArn;
  const backups =
    settings.backup &&
    keys &&
    account &&
    new Backups(name, {
      ...settings.backup,
      ...account,
      ...logged,
      lock: lockOf(settings.backup.lockDays, settings.backup.lockMode),
      keyArn: keys.backups,
      permissionsBoundary,
    });
  const backupPlan =
    settings.backup?.schedule &&
    keys &&
    backups &&
    database &&
    new StoredSecret(`${name}-backup-plan`, {
      secretName: `${name}/backup`,
      description: `What the backups of ${name} between releases are made of`,
      keyArn: keys.data,
      value: pulumi.jsonStringify({
        cron: settings.backup.schedule.cron,
        deadlineSeconds: settings.backup.deadlineSeconds,
        backup: {
          databaseUrl: database.elsewhere.backupUrl,
          restoreUrl: database.elsewhere.adminUrl,
          bucket: backups.bucketName,
          kmsKeyId: keys.backups,
          encryptionKey: backups.sealingKey,
          release: "scheduled",
          retentionDays: settings.backup.retentionDays,
          rtoSeconds: settings.backup.rtoSeconds,
          minimumSizeRatio: settings.backup.minimumSizeRatio,
        },
      }),
      disposable,
    });
  const records =
    settings.record &&
    keys &&
    new Records(name, {
      bucketName: settings.record.bucketName,
      ...logged,
      lock: lockOf(settings.record.lockDays),
      keyArn: keys.backups,
    });
  const logArchive =
    settings.logArchive &&
    keys &&
    new LogArchive(name, { ...settings.logArchive, ...logged, keyArn: keys.backups });
  const cache =
    settings.cache &&
    network &&
    keys &&
    new Cache(name, {
      ...settings.cache,
      ...network.placement,
      keyArn: keys.data,
      logKeyArn: keys.logs,
      disposable,
    });
  const site = settings.site && new Site(name, { ...settings.site, accessLogs, disposable });
  const cacheUrl = settings.cache?.url ?? cache?.url;
  const watching = monitoring(settings, {
    account,
    keyArn: keys?.data,
    permissionsBoundary,
    logs,
    databaseUrl: database?.readonlyUrl,
    cacheUrl,
    backupBucket: backups?.bucketName,
  });
  const provided = {
    databaseUrl: database && withPool(database.applicationUrl, settings.database?.poolConnections),
    readonlyDatabaseUrl: database?.readonlyUrl,
    cacheUrl,
    ...cacheParts(cacheUrl),
    backupBucket: backups?.bucketName,
    backupKeyArn: keys?.backups,
    siteUrl: site?.url,
    logGroup: logs?.groupNames[0],
  };
  const application =
    settings.application &&
    keys &&
    new Secrets(name, {
      keyArn: keys.data,
      environment: {
        ...settings.application.environment,
        ...settings.application.secrets,
        ...renamed(settings.application.provided, provided),
      },
      generated: settings.application.generated,
      disposable,
    });
  const deployer =
    settings.deployer &&
    account &&
    new Deployer(name, {
      ...settings.deployer,
      name,
      accountId: account.accountId,
      region,
      zoneId: settings.site?.zoneId,
      logSubscription: settings.logs?.subscription,
      reads: readsOf(settings),
      bucketNames,
      services: servicesOf(settings),
    });
  const components = {
    deployer,
    boundary,
    keys,
    accessLogs,
    logs,
    network,
    database,
    backups,
    backupPlan,
    records,
    logArchive,
    cache,
    site,
    ...watching,
  };
  const every = { ...components, application };
  const all: (pulumi.Resource | undefined)[] = Object.values(every);
  return {
    ...components,
    application,
    /** Names of the components that this stack has, kebab-case, e.g. `access-logs`. */
    components: Object.entries(every).flatMap(([component, made]) =>
      made === undefined ? [] : [component.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)],
    ),
    /** Where the application finds Redis. */
    cacheUrl,
    /** All buckets. */
    buckets: [backups?.bucketName, records?.bucketName, logArchive?.bucketName, site?.bucketName].filter(
      (name) => name !== undefined,
    ),
    /** All that there is; steps wait for it. */
    all: all.filter((component) => component !== undefined),
  };
}

/** The AWS services of a stack's parts; tests/infra/deployer.test.ts compares it with what is registered. */
export function servicesOf(settings: Settings): Service[] {
  const { backup, record, logs, logArchive, cache, network, site, alarms, application, agent } = settings;
  const { dashboards, probes } = settings;
  const slack = Object.values(alarms?.channels ?? {}).find((channel) => channel.slack !== undefined);
  const parts: [unknown, Service[]][] = [
    [settings.system.awsAccountId, ["kms"]],
    [backup ?? record ?? logs ?? logArchive ?? site, ["s3"]],
    [backup ?? cache ?? application ?? agent, ["secretsmanager"]],
    [logs ?? cache ?? site?.firewall.logDays, ["logs"]],
    [network, ["ec2"]],
    [cache, ["ec2", "elasticache"]],
    [settings.provisioned?.databaseInstance, ["rds"]],
    [site, ["cloudfront", "wafv2"]],
    [site?.zoneId, ["acm", "route53"]],
    [alarms, ["cloudwatch", "sns", "sqs"]],
    [slack, ["chatbot", "iam"]],
    [dashboards, ["cloudwatch"]],
    [probes, ["route53", "cloudwatch"]],
    [agent ?? application, ["iam"]],
    [backup?.writers ?? backup?.readers ?? backup?.replicaRegion ?? settings.deployer, ["iam"]],
  ];
  return parts.flatMap(([part, services]) => (part === undefined ? [] : services));
}

function lockOf(days: number | undefined, mode: Lock["mode"] = "COMPLIANCE"): Lock | undefined {
  return days === undefined ? undefined : { days, mode };
}

/** The values that the names stand for, under new names; names without a value are left out. */
export function renamed<Value>(
  names: { readonly [as: string]: string },
  values: { readonly [name: string]: Value | undefined },
): { [as: string]: Value } {
  const pairs = Object.entries(names).flatMap(([as, name]) => {
    const value = values[name];
    return value === undefined ? [] : [[as, value] as const];
  });
  return Object.fromEntries(pairs);
}

/** The address with the size of the pool that its holder may have, and how long a request may wait for a connection. */
function withPool(url: pulumi.Output<string>, connections: number | undefined): pulumi.Output<string> {
  if (connections === undefined) return url;
  return pulumi.interpolate`${url}&connection_limit=${connections}&pool_timeout=10`;
}

/** Redis for those who want its address in parts. */
function cacheParts(url: pulumi.Input<string> | undefined) {
  if (url === undefined) return {};
  const parsed = pulumi.output(url).apply((address) => new URL(address));
  return {
    cacheHost: parsed.hostname,
    // An address may leave out the usual one.
    cachePort: parsed.port.apply((port) => port || "6379"),
    cachePassword: parsed.apply(({ password }) => decodeURIComponent(password)),
  };
}
