// Every aws data source that has an implementation, loaded when first used.

import type { Invoke } from "../provider.ts";
import type { AwsSession } from "./session.ts";

export const invokes: { [token: string]: () => Promise<Invoke<AwsSession>> } = {
  "aws:index/getCallerIdentity:getCallerIdentity": async () =>
    (await import("./sts/caller-identity.ts")).callerIdentity,
  "aws:index/getPartition:getPartition": async () => (await import("./index/partition.ts")).partition,
  "aws:index/getRegion:getRegion": async () => (await import("./index/region.ts")).region,
  "aws:iam/getPolicyDocument:getPolicyDocument": async () =>
    (await import("./iam/policy-document.ts")).policyDocument,
};
