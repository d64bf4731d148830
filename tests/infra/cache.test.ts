import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { Cache } from "../../infra/cache.ts";
import { halves } from "../../infra/cidr.ts";
import { Network } from "../../infra/network.ts";
import { inputsOf, made, plain, recordResources, registered } from "./support/mocks.ts";

const place = {
  vpcId: "vpc-1",
  subnetIds: ["subnet-1", "subnet-2"],
  clientCidrBlocks: ["10.0.0.0/16"],
  keyArn: "arn:key",
  logKeyArn: "arn:log-key",
};

/** What Pulumi's SDK sends to the engine. */
interface Request {
  getType(): string;
  getRetainondelete(): boolean | undefined;
  getProtect(): boolean | undefined;
}

/** What is asked for with the resources of a type beside their inputs. */
async function asked(
  type: string,
  make: () => object,
  what: (request: Request) => unknown,
): Promise<unknown[]> {
  await recordResources();
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined) throw new Error("no mocks, want those that recordResources sets");
  const { registerResource } = monitor;
  const found: unknown[] = [];
  monitor.registerResource = (request: Request, ...rest: unknown[]) => {
    if (request.getType() === type) found.push(what(request));
    return Reflect.apply(registerResource, monitor, [request, ...rest]);
  };
  await made(make());
  return found;
}

beforeEach(recordResources);

describe("Cache", () => {
  it("is encrypted on the way and at rest, needs a token, fails over and is snapshotted", async () => {
    await made(new Cache("orders", place));
    expect(inputsOf("aws:elasticache/replicationGroup:ReplicationGroup")).toMatchObject({
      engine: "redis",
      engineVersion: "7.1",
      numCacheClusters: 2,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      transitEncryptionEnabled: true,
      authToken: { secret: "generated-orders-cache-token" },
      atRestEncryptionEnabled: true,
      kmsKeyId: "arn:key",
      snapshotRetentionLimit: 7,
      finalSnapshotIdentifier: expect.stringMatching(/^orders-final-\w+$/),
      applyImmediately: false,
    });
    expect(inputsOf("aws:elasticache/parameterGroup:ParameterGroup")).toMatchObject({
      family: "redis7",
      parameters: [{ name: "maxmemory-policy", value: "noeviction" }],
    });
  });

  it("leaves the parameters of the version before, which it uses until its maintenance window", async () => {
    const retained = (args: object) =>
      asked(
        "aws:elasticache/parameterGroup:ParameterGroup",
        () => new Cache("orders", { ...place, ...args }),
        (request) => request.getRetainondelete(),
      );
    expect(await retained({})).toEqual([true]);
    // Of one that may go at once, nothing stays.
    expect(await retained({ disposable: true })).toEqual([false]);
  });

  it("takes a new token beside the former one, and the new one alone once that is asked for", async () => {
    await made(new Cache("orders", { ...place, tokenGeneration: 2 }));
    const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";
    expect(inputsOf("random:index/randomPassword:RandomPassword")).toMatchObject({
      keepers: { generation: "2" },
    });
    expect(inputsOf(GROUP)).toMatchObject({ authTokenUpdateStrategy: "ROTATE" });
    await recordResources();
    await made(new Cache("orders", { ...place, tokenGeneration: 2, formerToken: "refused" }));
    expect(inputsOf(GROUP)).toMatchObject({ authTokenUpdateStrategy: "SET" });
  });

  it("hands the engine's log and that of slow commands to groups of their own", async () => {
    await made(new Cache("orders", { ...place, logDays: 90 }));
    const logs = ["engine-log", "slow-log"];
    const groups = registered.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
    expect(groups.map(({ inputs }) => inputs)).toEqual(
      logs.map((log) => ({ name: `/orders/cache/${log}`, retentionInDays: 90, kmsKeyId: "arn:log-key" })),
    );
    expect(inputsOf("aws:elasticache/replicationGroup:ReplicationGroup").logDeliveryConfigurations).toEqual(
      logs.map((logType) => ({
        destination: `/orders/cache/${logType}`,
        destinationType: "cloudwatch-logs",
        logFormat: "json",
        logType,
      })),
    );
  });

  it("asks for no log of the engine where Redis is older than ElastiCache has one of", async () => {
    await made(new Cache("orders", { ...place, engineVersion: "6.0" }));
    const { logDeliveryConfigurations: logs } = inputsOf("aws:elasticache/replicationGroup:ReplicationGroup");
    expect(logs).toEqual([expect.objectContaining({ logType: "slow-log" })]);
  });

  it("lets in the given ranges on its port and nobody else", async () => {
    await made(new Cache("orders", { ...place, clientCidrBlocks: ["10.0.0.0/16", "10.1.0.0/16"] }));
    const rules = registered.filter(({ type }) => type.includes("securityGroupIngressRule"));
    expect(
      rules.map(({ inputs }) => [inputs.cidrIpv4, inputs.ipProtocol, inputs.fromPort, inputs.toPort]),
    ).toEqual([
      ["10.0.0.0/16", "tcp", 6379, 6379],
      ["10.1.0.0/16", "tcp", 6379, 6379],
    ]);
  });

  it("keeps address and token in Secrets Manager, and gives them as a secret", async () => {
    const cache = await made(new Cache("orders", place));
    const url = "rediss://:generated-orders-cache-token@orders-cache.cache.amazonaws.com:6379";
    expect(await plain(cache.url)).toBe(url);
    expect(await pulumi.isSecret(cache.url)).toBe(true);
    expect(inputsOf("aws:secretsmanager/secretVersion:SecretVersion")).toMatchObject({
      secretString: { secret: JSON.stringify({ url }) },
    });
  });

  it("with one node has no failover, and of a disposable stack no last snapshot", async () => {
    await made(new Cache("orders", { ...place, nodes: 1, disposable: true, engineVersion: "6.2" }));
    const group = inputsOf("aws:elasticache/replicationGroup:ReplicationGroup");
    expect(group).toMatchObject({ automaticFailoverEnabled: false, multiAzEnabled: false });
    expect(group).not.toHaveProperty("finalSnapshotIdentifier");
    expect(inputsOf("aws:elasticache/parameterGroup:ParameterGroup")).toMatchObject({ family: "redis6.x" });
  });
});

describe("Network", () => {
  it("keeps the network that it made, which nothing in it can leave, unless all of it may go", async () => {
    const isProtected = (args: object) =>
      asked(
        "aws:ec2/vpc:Vpc",
        () => new Network("orders", { region: "us-east-1", cidrBlock: "10.20.0.0/24", ...args }),
        (request) => request.getProtect(),
      );
    expect(await isProtected({})).toEqual([true]);
    expect(await isProtected({ disposable: true })).toEqual([false]);
  });

  it("makes two private subnets in two zones and lets its own range in", async () => {
    const network = await made(new Network("orders", { region: "us-east-1", cidrBlock: "10.20.0.0/24" }));
    const subnets = registered.filter(({ type }) => type === "aws:ec2/subnet:Subnet");
    expect(subnets.map(({ inputs }) => [inputs.cidrBlock, inputs.availabilityZone])).toEqual([
      ["10.20.0.0/25", "us-east-1a"],
      ["10.20.0.128/25", "us-east-1b"],
    ]);
    expect(network.clientCidrBlocks).toEqual(["10.20.0.0/24"]);
    // Nothing leads out: no gateway, no route, no public address.
    expect(registered.filter(({ type }) => /gateway|route/i.test(type))).toEqual([]);
  });

  it("makes them in the zones that it is told, as not every account has a and b", async () => {
    const availabilityZones = ["us-west-1a", "us-west-1c"];
    await made(new Network("orders", { region: "us-west-1", cidrBlock: "10.20.0.0/24", availabilityZones }));
    const subnets = registered.filter(({ type }) => type === "aws:ec2/subnet:Subnet");
    expect(subnets.map(({ inputs }) => inputs.availabilityZone)).toEqual(availabilityZones);
  });

  it("makes nothing where it adopts", async () => {
    const { vpcId, subnetIds, clientCidrBlocks } = place;
    const network = await made(
      new Network("orders", { region: "us-east-1", vpcId, subnetIds, clientCidrBlocks }),
    );
    expect(registered.filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
    expect(await plain(network.subnetIds)).toEqual(subnetIds);
  });
});

describe("the halves of a range", () => {
  it.each([
    ["10.20.0.0/16", "10.20.0.0/17", "10.20.128.0/17"],
    ["192.168.4.32/27", "192.168.4.32/28", "192.168.4.48/28"],
    ["255.255.255.0/24", "255.255.255.0/25", "255.255.255.128/25"],
  ])("of %s", (range, low, high) => {
    expect(halves(range)).toEqual([low, high]);
  });

  it.each(["10.0.0.0/15", "10.0.0.0/28", "10.0.0.0"])("are refused for %s", (range) => {
    expect(() => halves(range)).toThrow(`cidrBlock must have a length from /16 to /27, got ${range}`);
  });

  it("are refused where the range does not begin at its first address", () => {
    expect(() => halves("10.20.0.1/24")).toThrow("got 10.20.0.1/24, want 10.20.0.0/24");
  });
});
