// The private network that the cache lives in: an existing one, or a small one of its own with no way to the internet.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { halves } from "./cidr.ts";

export interface NetworkArgs {
  region: string;
  /** An existing VPC with private subnets in at least two Availability Zones, and who may connect from where. */
  existing?: { vpcId: string; subnetIds: string[]; clientCidrBlocks: string[] };
  /** Otherwise: the range of a new one, e.g. `10.20.0.0/24`. */
  cidrBlock?: string;
}

/** A VPC with two private subnets, made or adopted. */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly subnetIds: pulumi.Output<string[]>;
  /** IPv4 ranges that clients connect from. */
  readonly clientCidrBlocks: string[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Network", name, {}, opts);
    if (args.existing) {
      this.vpcId = pulumi.output(args.existing.vpcId);
      this.subnetIds = pulumi.output(args.existing.subnetIds);
      this.clientCidrBlocks = args.existing.clientCidrBlocks;
    } else {
      const cidrBlock = requireRange(name, args.cidrBlock);
      const vpc = new aws.ec2.Vpc(
        `${name}-network`,
        { cidrBlock, enableDnsSupport: true, enableDnsHostnames: true },
        { parent: this },
      );
      const subnets = halves(cidrBlock).map(
        (half, index) =>
          new aws.ec2.Subnet(
            `${name}-private-${index}`,
            { vpcId: vpc.id, cidrBlock: half, availabilityZone: `${args.region}${"ab"[index]}` },
            { parent: this },
          ),
      );
      this.vpcId = vpc.id;
      this.subnetIds = pulumi.all(subnets.map((subnet) => subnet.id));
      this.clientCidrBlocks = [cidrBlock];
    }
    this.registerOutputs({ vpcId: this.vpcId, subnetIds: this.subnetIds });
  }
}

function requireRange(name: string, cidrBlock: string | undefined): string {
  if (cidrBlock === undefined)
    throw new Error(`network "${name}": neither existing nor cidrBlock, want one of them; give cidrBlock`);
  return cidrBlock;
}
