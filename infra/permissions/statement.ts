// What permissions are made of: where the stack is, and statements about what it holds.
import type * as aws from "@pulumi/aws";
import type { Reads } from "./reading.ts";

/** Where the stack is and what it calls things that need not begin with its name. */
export interface Place {
  name: string;
  /** 12 digits. */
  accountId: string;
  region: string;
  /** Buckets with names of their own. */
  bucketNames: string[];
  zoneId?: string;
  /** @default nothing but the stack's own */
  reads?: Reads;
  /** Who takes log lines, and the role that lets CloudWatch Logs write there. */
  logSubscription?: { destinationArn: string; roleArn?: string };
}

export type Statement = aws.iam.PolicyStatement;

/** The statements for one service. */
export type Permissions = (place: Place) => Statement[];

export function allow(
  Action: string[],
  Resource: string | string[],
  Condition?: Statement["Condition"],
): Statement {
  return { Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}

/** Actions of a service by their verbs. */
export function each(service: string, verbs: string[]): string[] {
  return verbs.map((verb) => `${service}:${verb}`);
}
