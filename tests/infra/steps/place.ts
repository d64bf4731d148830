// Changed settings of the place: system, deployer, network, logs, and the steps that they take.
import type { Changes } from "./change.ts";

export const place: Changes = {
  system: {
    // Everything is made anew under the other name.
    name: {
      to: "invoices",
      refusalsOnly: true,
      steps: {
        "refuse to delete Key": 4,
        "refuse to delete Bucket": 6,
        "refuse to delete LogGroup": 2,
        "refuse to delete RandomPassword": 1,
        "refuse to delete Database": 1,
        "refuse to delete ReplicationGroup": 1,
      },
    },
    awsAccountId: {
      to: "210987654321",
      steps: {
        "update Dashboard": 1,
        "update Policy": 4,
        "update Key": 4,
        "update Role": 1,
        "update TopicPolicy": 3,
        "update BucketPolicy": 2,
      },
    },
    disposable: {
      to: true,
      steps: {
        "update Key": 4,
        "update Bucket": 6,
        "update Secret": 4,
        "update ReplicationGroup": 1,
        "delete RandomId": 1,
      },
    },
  },
  deployer: {
    identities: { to: ["arn:aws:iam::123456789012:role/others"], steps: { "update Role": 1 } },
    "ci.issuer": {
      to: "https://gitlab.example.com",
      steps: { "replace OpenIdConnectProvider": 1, "update Role": 1 },
    },
    "ci.audience": { to: "deployments", steps: { "update OpenIdConnectProvider": 1, "update Role": 1 } },
    "ci.subjects": { to: ["repo:orders/orders:ref:refs/heads/main"], steps: { "update Role": 1 } },
    "ci.known": { to: true, steps: { "delete OpenIdConnectProvider": 1 } },
  },
  network: {
    vpcId: {
      to: "vpc-18f6e5d4c3b2a1000",
      steps: {
        "replace SecurityGroup": 1,
        "replace SecurityGroupIngressRule": 1,
        "update ReplicationGroup": 1,
      },
    },
    subnetIds: {
      to: ["subnet-0a1b2c3d4e5f60718", "subnet-0000000000000000a"],
      steps: { "update SubnetGroup": 1 },
    },
    // EC2 would refuse a rule that takes over the range of another one.
    clientCidrBlocks: {
      section: { clientCidrBlocks: ["10.0.0.0/16", "10.1.0.0/16"] },
      to: ["10.1.0.0/16"],
      steps: { "delete SecurityGroupIngressRule": 1 },
    },
    availabilityZones: {
      section: { cidrBlock: "10.20.0.0/24" },
      to: ["us-east-1a", "us-east-1c"],
      steps: { "replace Subnet": 1, "update SubnetGroup": 1 },
    },
    // The cache that holds data is in the network that was made.
    cidrBlock: {
      section: { cidrBlock: "10.20.0.0/24" },
      to: "10.30.0.0/24",
      steps: {
        "refuse to replace Vpc": 1,
        "replace SecurityGroup": 1,
        "replace Subnet": 2,
        "create SecurityGroupIngressRule": 1,
        "delete SecurityGroupIngressRule": 1,
        "update SubnetGroup": 1,
        "update ReplicationGroup": 1,
      },
    },
  },
  logs: {
    groups: { to: ["application", "worker", "mail"], steps: { "create LogGroup": 1 } },
    retentionDays: { to: 90, steps: { "update LogGroup": 2 } },
    errorPattern: { to: '"| ERROR |"', steps: { "create LogMetricFilter": 2 } },
    "subscription.destinationArn": {
      section: { subscription: { destinationArn: "arn:aws:logs:us-east-1:123456789012:destination:one" } },
      to: "arn:aws:logs:us-east-1:123456789012:destination:other",
      steps: { "update LogSubscriptionFilter": 2 },
    },
    "subscription.roleArn": {
      section: {
        subscription: {
          destinationArn: "arn:aws:kinesis:us-east-1:123456789012:stream/one",
          roleArn: "arn:aws:iam::123456789012:role/before",
        },
      },
      to: "arn:aws:iam::123456789012:role/logs",
      steps: { "update LogSubscriptionFilter": 2 },
    },
    "subscription.filterPattern": {
      section: { subscription: { destinationArn: "arn:aws:logs:us-east-1:123456789012:destination:one" } },
      to: "ERROR",
      steps: { "update LogSubscriptionFilter": 2 },
    },
    accessLogDays: { to: 30, steps: { "update BucketLifecycleConfiguration": 1 } },
  },
};
