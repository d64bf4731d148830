// The private network that the cache lives in: an existing one, or a small one of its own with no way to the internet.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { halves } from "./cidr.ts";

export interface NetworkArgs {
  region: string;
  /** An existing VPC; needs `subnetIds` and `clientCidrBlocks`. */
  vpcId?: string;
  /** Its private subnets, in at least two Availability Zones. */
  subnetIds?: string[];
  /** Who may connect from where. @default the range of the network that is made */
  clientCidrBlocks?: string[];
  /** Instead of `vpcId`: the range of a new network, /16 to /27, e.g. `10.20.0.0/24`. */
  cidrBlock?: string;
  /** Where the two subnets of the new network are. @default the region's zones a and b */
  availabilityZones?: string[];
  /** @default false */
  disposable?: boolean;
}

/** A VPC with two private subnets, made or adopted. */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly subnetIds: pulumi.Output<string[]>;
  /** IPv4 ranges that clients connect from. */
  readonly clientCidrBlocks: string[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Network", name, {}, opts);
    if (args.vpcId !== undefined) {
      const { vpcId, subnetIds = [], clientCidrBlocks = [] } = args;
      this.vpcId = pulumi.output(vpcId);
      this.subnetIds = pulumi.output(subnetIds);
      this.clientCidrBlocks = clientCidrBlocks;
    } else {
      const cidrBlock = requireRange(name, args.cidrBlock);
      const vpc = new aws.ec2.Vpc(
        `${name}-network`,
        { cidrBlock, enableDnsSupport: true, enableDnsHostnames: true },
        // Another range makes another VPC, into which nothing that is in this one can go: refused before anything is made.
        { parent: this, protect: !args.disposable },
      );
      const zones = args.availabilityZones ?? ["a", "b"].map((zone) => `${args.region}${zone}`);
      const subnets = halves(cidrBlock).map(
        (half, index) =>
          new aws.ec2.Subnet(
            `${name}-private-${index}`,
            { vpcId: vpc.id, cidrBlock: half, availabilityZone: zones[index] },
            { parent: this },
          ),
      );
      this.vpcId = vpc.id;
      this.subnetIds = pulumi.all(subnets.map((subnet) => subnet.id));
      this.clientCidrBlocks = args.clientCidrBlocks ?? [cidrBlock];
    }
    this.registerOutputs({ vpcId: this.vpcId, subnetIds: this.subnetIds });
  }

  /** What a component needs to be placed in the network. */
  get placement(): Pick<Network, "vpcId" | "subnetIds" | "clientCidrBlocks"> {
    return { vpcId: this.vpcId, subnetIds: this.subnetIds, clientCidrBlocks: this.clientCidrBlocks };
  }
}

function requireRange(name: string, cidrBlock: string | undefined): string {
  if (cidrBlock === undefined)
    throw new Error(`network "${name}": neither vpcId nor cidrBlock, want one of them; give cidrBlock`);
  return cidrBlock;
}
