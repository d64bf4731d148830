// Redis as an ElastiCache replication group: TLS, a token, failover, snapshots, logs. Cluster mode is off: one endpoint, so
// that any Redis client and job queue works.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { makePassword } from "./password.ts";
import { StoredSecret } from "./stored-secret.ts";

export interface CacheArgs {
  vpcId: pulumi.Input<string>;
  /** Private subnets in at least two Availability Zones. */
  subnetIds: pulumi.Input<string[]>;
  /** IPv4 ranges that may connect. */
  clientCidrBlocks: string[];
  /** KMS key for data at rest and for the token. */
  keyArn: pulumi.Input<string>;
  /** KMS key of the logs. */
  logKeyArn: pulumi.Input<string>;
  /** How long the engine's log and the log of slow commands are kept, a period that CloudWatch Logs knows. @default 30 */
  logDays?: number;
  /** Raised by one, it makes a new token. @default 1 */
  tokenGeneration?: number;
  /** Whether clients are let in with the token of the generation before, until the release has taken over the new one. @default "accepted" */
  formerToken?: "accepted" | "refused";
  /** @default "cache.t4g.small" */
  nodeType?: string;
  /** Primary and replicas, 1 to 6; from two on in several zones with automatic failover. @default 2 */
  nodes?: number;
  /** @default "7.1" */
  engineVersion?: string;
  /** What happens when memory is full; anything else loses jobs of a queue. @default "noeviction" */
  maxmemoryPolicy?: string;
  /** How long daily snapshots are kept, 0 to 35 days. @default 7 */
  snapshotDays?: number;
  /** UTC. @default "03:00-04:00" */
  snapshotWindow?: string;
  /** UTC. @default "sun:04:30-sun:05:30" */
  maintenanceWindow?: string;
  /** @default false */
  disposable?: boolean;
}

const PORT = 6379;
const LOGS = ["engine-log", "slow-log"] as const;

/** A replication group that only TLS clients with the token reach. */
export class Cache extends pulumi.ComponentResource {
  /** `rediss://:TOKEN@HOST:PORT`, secret. */
  readonly url: pulumi.Output<string>;
  /** Host name of the primary. */
  readonly address: pulumi.Output<string>;
  /** Id of the replication group. */
  readonly groupId: pulumi.Output<string>;
  /** The security group that says who may connect. */
  readonly securityGroupId: pulumi.Output<string>;
  /** IPv4 ranges that may connect. */
  readonly clientCidrBlocks: string[];
  /** Where the token is kept. */
  readonly secretArn: pulumi.Output<string>;

  constructor(name: string, args: CacheArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Cache", name, {}, opts);
    const parent = { parent: this };
    const { nodes = 2, engineVersion = "7.1", snapshotDays = 7 } = args;
    const token = makePassword(`${name}-cache-token`, { length: 64, generation: args.tokenGeneration }, this);
    this.securityGroupId = this.access(name, args);
    this.clientCidrBlocks = args.clientCidrBlocks;
    const group = new aws.elasticache.ReplicationGroup(
      `${name}-cache`,
      {
        description: `Redis of ${name}`,
        engine: "redis",
        engineVersion,
        nodeType: args.nodeType ?? "cache.t4g.small",
        numCacheClusters: nodes,
        automaticFailoverEnabled: nodes > 1,
        multiAzEnabled: nodes > 1,
        autoMinorVersionUpgrade: true,
        parameterGroupName: this.parameters(name, args, engineVersion).name,
        subnetGroupName: new aws.elasticache.SubnetGroup(
          `${name}-cache`,
          { description: `Private subnets of ${name}`, subnetIds: args.subnetIds },
          parent,
        ).name,
        securityGroupIds: [this.securityGroupId],
        port: PORT,
        transitEncryptionEnabled: true,
        authToken: token,
        // ROTATE lets the token before this one in as well, SET this one alone.
        authTokenUpdateStrategy: args.formerToken === "refused" ? "SET" : "ROTATE",
        atRestEncryptionEnabled: true,
        kmsKeyId: args.keyArn,
        snapshotRetentionLimit: snapshotDays,
        snapshotWindow: args.snapshotWindow ?? "03:00-04:00",
        maintenanceWindow: args.maintenanceWindow ?? "sun:04:30-sun:05:30",
        applyImmediately: args.disposable ?? false,
        finalSnapshotIdentifier: args.disposable ? undefined : this.finalSnapshot(name, args.keyArn),
        logDeliveryConfigurations: logsOf(engineVersion).map((log) => this.log(name, log, args)),
      },
      { ...parent, protect: !args.disposable },
    );
    this.groupId = group.id;
    this.address = group.primaryEndpointAddress;
    this.url = pulumi.secret(pulumi.interpolate`rediss://:${token}@${this.address}:${group.port}`);
    this.secretArn = new StoredSecret(
      `${name}-cache-access`,
      {
        secretName: `${name}/cache`,
        description: `Address and token of the Redis of ${name}`,
        keyArn: args.keyArn,
        value: pulumi.jsonStringify({ url: this.url }),
        disposable: args.disposable,
      },
      parent,
    ).secretArn;
    this.registerOutputs({ address: this.address, secretArn: this.secretArn });
  }

  private parameters(name: string, args: CacheArgs, engineVersion: string): aws.elasticache.ParameterGroup {
    return new aws.elasticache.ParameterGroup(
      `${name}-cache`,
      {
        family: familyOf(engineVersion),
        description: `Settings of the Redis of ${name}`,
        parameters: [{ name: "maxmemory-policy", value: args.maxmemoryPolicy ?? "noeviction" }],
      },
      // A major version has a family of its own, and goes over to it only in the maintenance window: until then ElastiCache
      // refuses to delete the family before, which would fail every update.
      { parent: this, retainOnDelete: !args.disposable },
    );
  }

  private log(name: string, logType: (typeof LOGS)[number], args: CacheArgs) {
    const group = new aws.cloudwatch.LogGroup(
      `${name}-cache-${logType}`,
      {
        name: `/${name}/cache/${logType}`,
        retentionInDays: args.logDays ?? 30,
        kmsKeyId: args.logKeyArn,
      },
      { parent: this },
    );
    return { destination: group.name, destinationType: "cloudwatch-logs", logFormat: "json", logType };
  }

  /** A name that no other group's snapshot has: those of groups before this one stay, and AWS refuses a second one. */
  private finalSnapshot(name: string, key: pulumi.Input<string>): pulumi.Output<string> {
    // Another key makes another group.
    const last = new random.RandomId(
      `${name}-cache-final`,
      { byteLength: 4, keepers: { key } },
      { parent: this },
    );
    return pulumi.interpolate`${name}-final-${last.hex}`;
  }

  private access(name: string, args: CacheArgs): pulumi.Output<string> {
    const group = new aws.ec2.SecurityGroup(
      `${name}-cache`,
      { description: `Clients of the Redis of ${name}`, vpcId: args.vpcId },
      { parent: this },
    );
    // Named by their range: one that moved up in a list would be given a range that another rule still has, which EC2 refuses.
    for (const [index, cidrIpv4] of [...new Set(args.clientCidrBlocks)].entries())
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-cache-client-${cidrIpv4}`,
        {
          securityGroupId: group.id,
          description: "Redis over TLS",
          cidrIpv4,
          ipProtocol: "tcp",
          fromPort: PORT,
          toPort: PORT,
        },
        { parent: this, aliases: [{ name: `${name}-cache-client-${index}` }] },
      );
    return group.id;
  }
}

/** ElastiCache hands on the engine's own log from 6.2 on. */
function logsOf(engineVersion: string): readonly (typeof LOGS)[number][] {
  return engineVersion === "6.0" ? ["slow-log"] : LOGS;
}

/** The parameter group family of a version: `redis7` from 7 on, `redis6.x` for 6. */
function familyOf(engineVersion: string): string {
  const major = Number.parseInt(engineVersion, 10);
  return major >= 7 ? `redis${major}` : `redis${major}.x`;
}
