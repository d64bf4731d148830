// Every aws data source that has an implementation, loaded when first used.

import type { Invoke } from "../handler.ts";
import type { AwsSession } from "./session.ts";

export const invokes: { readonly [token: string]: () => Promise<Invoke<AwsSession>> } = {
  "aws:ec2/getSubnets:getSubnets": async () => (await import("./ec2/subnets-query.ts")).subnetsQuery,
  "aws:ec2/getVpc:getVpc": async () => (await import("./ec2/vpc-query.ts")).vpcQuery,
  "aws:index/getAvailabilityZones:getAvailabilityZones": async () =>
    (await import("./ec2/availability-zones.ts")).availabilityZones,
  "aws:index/getCallerIdentity:getCallerIdentity": async () =>
    (await import("./sts/caller-identity.ts")).callerIdentity,
  "aws:index/getPartition:getPartition": async () => (await import("./index/partition.ts")).partition,
  "aws:index/getRegion:getRegion": async () => (await import("./index/region.ts")).region,
  "aws:iam/getPolicyDocument:getPolicyDocument": async () =>
    (await import("./iam/policy-document.ts")).policyDocument,
};
