// The aws provider on the emulator: every resource type conforms.

import { randomUUID } from "node:crypto";
import { Route53 } from "@aws-sdk/client-route-53";
import { conforms } from "./support/conformance.ts";
import { type Deployment, environment } from "./support/providers.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const KEY = "aws:kms/key:Key";
const TOPIC = "aws:sns/topic:Topic";
const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const QUEUE = "aws:sqs/queue:Queue";
const ROLE = "aws:iam/role:Role";
const USER = "aws:iam/user:User";
const SECRET = "aws:secretsmanager/secret:Secret";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const OAC = "aws:cloudfront/originAccessControl:OriginAccessControl";

const tags = { team: "checkout" };
const retagged = { tags: { team: "payments", stage: "production" } };
const versionless = { Version: "2012-10-17" };
const deny = (resource: unknown, action: string) => ({
  ...versionless,
  Statement: [
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: action,
      Resource: resource,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ],
});
const allow = (action: string) => ({
  ...versionless,
  Statement: [{ Effect: "Allow", Action: action, Resource: "*" }],
});
const trust = (service: string) => ({
  ...versionless,
  Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
});

const seen = (metricName: string) => ({
  metricName,
  cloudwatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
});

const bucketOf = async (deployment: Deployment, inputs = {}) =>
  (await deployment.create(BUCKET, "logs", { forceDestroy: true, ...inputs })).id;
const keyOf = async (deployment: Deployment) =>
  (await deployment.create(KEY, "key", { deletionWindowInDays: 7 })).outs;

/** A hosted zone of the run's emulator; no resource type of ours, since stacks are given theirs. */
async function newZone(): Promise<string> {
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = await environment();
  const route53 = new Route53({
    endpoint: AWS_ENDPOINT_URL,
    region: "us-east-1",
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
  const CallerReference = randomUUID();
  const { HostedZone } = await route53.createHostedZone({ Name: "example.com", CallerReference });
  return (HostedZone?.Id ?? "").replace("/hostedzone/", "");
}

async function network(deployment: Deployment) {
  const vpc = await deployment.create(VPC, "network", { cidrBlock: "10.9.0.0/16" });
  const subnet = (cidrBlock: string, zone: string) =>
    deployment.create(SUBNET, `private-${zone}`, {
      vpcId: vpc.id,
      cidrBlock,
      availabilityZone: `us-east-1${zone}`,
    });
  const subnets = [await subnet("10.9.1.0/24", "a"), await subnet("10.9.2.0/24", "b")];
  return { vpcId: vpc.id, subnetIds: subnets.map(({ id }) => id) };
}

conforms("aws", [
  {
    type: KEY,
    program: () => ({
      description: "orders",
      enableKeyRotation: true,
      rotationPeriodInDays: 365,
      deletionWindowInDays: 7,
      tags,
    }),
    update: { description: "all orders", rotationPeriodInDays: 180, isEnabled: false, ...retagged },
    replace: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_2048", multiRegion: true },
  },
  {
    type: "aws:kms/alias:Alias",
    program: async (deployment) => ({ targetKeyId: (await keyOf(deployment)).keyId }),
    replace: { name: "alias/other" },
  },
  {
    type: BUCKET,
    program: () => ({ forceDestroy: true, objectLockEnabled: true, tags }),
    update: retagged,
    replace: { bucket: "another-bucket", objectLockEnabled: false },
  },
  {
    type: "aws:s3/bucketVersioning:BucketVersioning",
    program: async (deployment) => ({
      bucket: await bucketOf(deployment),
      versioningConfiguration: { status: "Enabled" },
    }),
    update: { versioningConfiguration: { status: "Suspended" } },
    replace: { bucket: "another-bucket" },
    remains: "S3 only suspends versioning",
  },
  {
    type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    program: async (deployment) => {
      const kmsMasterKeyId = (await keyOf(deployment)).arn;
      return {
        bucket: await bucketOf(deployment),
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId },
            bucketKeyEnabled: true,
          },
        ],
      };
    },
    update: { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    replace: { bucket: "another-bucket" },
    remains: "S3 returns to its own encryption",
  },
  {
    type: "aws:wafv2/webAcl:WebAcl",
    program: () => ({
      scope: "CLOUDFRONT",
      defaultAction: { allow: {} },
      rules: [
        {
          name: "common",
          priority: 1,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: { name: "AWSManagedRulesCommonRuleSet", vendorName: "AWS" },
          },
          visibilityConfig: seen("common"),
        },
        {
          name: "rate",
          priority: 0,
          action: { block: {} },
          statement: { rateBasedStatement: { limit: 600, aggregateKeyType: "IP", evaluationWindowSec: 60 } },
          visibilityConfig: seen("rate"),
        },
      ],
      visibilityConfig: seen("site"),
      tags,
    }),
    update: { defaultAction: { block: {} }, visibilityConfig: seen("other"), ...retagged },
    replace: { name: "another", scope: "REGIONAL" },
  },
  {
    type: "aws:acm/certificate:Certificate",
    program: () => ({ domainName: "www.example.com", validationMethod: "DNS", tags }),
    update: retagged,
    replace: { domainName: "example.com" },
  },
  {
    type: "aws:route53/record:Record",
    program: async () => ({
      zoneId: await newZone(),
      name: "www.example.com",
      type: "A",
      ttl: 60,
      records: ["192.0.2.1"],
    }),
    update: { ttl: 300, records: ["192.0.2.1", "192.0.2.2"] },
    replace: { zoneId: "Z00000000000000000000", name: "other.example.com", type: "TXT" },
  },
  {
    type: "aws:route53/record:Record",
    name: "alias",
    program: async () => ({
      zoneId: await newZone(),
      name: "_site.example.com",
      type: "AAAA",
      aliases: [
        { name: "d111111abcdef8.cloudfront.net", zoneId: "Z2FDTNDATAQYW2", evaluateTargetHealth: false },
      ],
    }),
    replace: { type: "A" },
  },
  {
    type: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    program: () => ({ url: "https://token.example.com", clientIdLists: ["sts.amazonaws.com"], tags }),
    replace: { url: "https://other.example.com" },
  },
  {
    type: "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    program: async (deployment) => {
      const enabled = { versioningConfiguration: { status: "Enabled" } };
      const bucket = await bucketOf(deployment);
      await deployment.create("aws:s3/bucketVersioning:BucketVersioning", "source", { bucket, ...enabled });
      const copies = await deployment.create(BUCKET, "copies", { forceDestroy: true });
      await deployment.create("aws:s3/bucketVersioning:BucketVersioning", "copies", {
        bucket: copies.id,
        ...enabled,
      });
      const role = await deployment.create(ROLE, "copier", { assumeRolePolicy: trust("s3.amazonaws.com") });
      return {
        bucket,
        role: role.outs.arn,
        rules: [
          {
            id: "copies",
            status: "Enabled",
            filter: { prefix: "" },
            deleteMarkerReplication: { status: "Disabled" },
            sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
            destination: {
              bucket: copies.outs.arn,
              encryptionConfiguration: { replicaKmsKeyId: (await keyOf(deployment)).arn },
            },
          },
        ],
      };
    },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    program: async (deployment) => ({ bucket: await bucketOf(deployment), blockPublicAcls: true }),
    update: { blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    program: async (deployment) => ({
      bucket: await bucketOf(deployment),
      rule: { objectOwnership: "BucketOwnerEnforced" },
    }),
    update: { rule: { objectOwnership: "BucketOwnerPreferred" } },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketPolicy:BucketPolicy",
    program: async (deployment) => {
      const bucket = await bucketOf(deployment);
      return { bucket, policy: deny(`arn:aws:s3:::${bucket}/*`, "s3:*") };
    },
    update: { policy: deny("arn:aws:s3:::*/*", "s3:GetObject") },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    program: async (deployment) => ({
      bucket: await bucketOf(deployment),
      rules: [
        {
          id: "old-versions",
          status: "Enabled",
          noncurrentVersionExpiration: { noncurrentDays: 30, newerNoncurrentVersions: 3 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
        {
          id: "cold",
          status: "Enabled",
          filter: { prefix: "backups/" },
          transitions: [{ days: 30, storageClass: "GLACIER_IR" }],
          noncurrentVersionTransitions: [{ noncurrentDays: 30, storageClass: "STANDARD_IA" }],
          expiration: { days: 365 },
        },
      ],
    }),
    update: { rules: [{ id: "all", status: "Enabled", expiration: { days: 7 } }] },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
    program: async (deployment) => ({
      bucket: await bucketOf(deployment),
      corsRules: [
        { allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://example.com"], maxAgeSeconds: 60 },
      ],
    }),
    update: { corsRules: [{ allowedMethods: ["GET"], allowedOrigins: ["*"], allowedHeaders: ["*"] }] },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketLogging:BucketLogging",
    program: async (deployment) => {
      const bucket = await bucketOf(deployment);
      return {
        bucket,
        targetBucket: bucket,
        targetPrefix: "access/",
        targetObjectKeyFormat: { partitionedPrefix: { partitionDateSource: "EventTime" } },
      };
    },
    update: { targetPrefix: "requests/" },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    program: async (deployment) => {
      const bucket = await bucketOf(deployment, { objectLockEnabled: true });
      const versioning = "aws:s3/bucketVersioning:BucketVersioning";
      await deployment.create(versioning, "on", { bucket, versioningConfiguration: { status: "Enabled" } });
      return { bucket, rule: { defaultRetention: { mode: "GOVERNANCE", days: 1 } } };
    },
    update: { rule: { defaultRetention: { mode: "GOVERNANCE", days: 2 } } },
    replace: { bucket: "another-bucket" },
    remains: "S3 never switches object lock off",
  },
  {
    type: SECRET,
    program: async (deployment) => ({
      description: "the application's environment",
      kmsKeyId: (await keyOf(deployment)).arn,
      recoveryWindowInDays: 0,
      policy: deny("*", "secretsmanager:*"),
      tags,
    }),
    update: { description: "for all", policy: deny("*", "secretsmanager:GetSecretValue"), ...retagged },
    replace: { name: "another-secret" },
  },
  {
    type: "aws:secretsmanager/secretVersion:SecretVersion",
    program: async (deployment) => {
      const secret = await deployment.create(SECRET, "environment", { recoveryWindowInDays: 0 });
      return { secretId: secret.id, secretString: "first value" };
    },
    replace: { secretId: "another-secret", secretString: "second value" },
    remains: "the current value goes with its secret",
  },
  {
    type: "aws:secretsmanager/secretPolicy:SecretPolicy",
    program: async (deployment) => {
      const secret = await deployment.create(SECRET, "guarded", { recoveryWindowInDays: 0 });
      return { secretArn: secret.id, policy: deny("*", "secretsmanager:GetSecretValue") };
    },
    update: { policy: deny("*", "secretsmanager:*") },
    replace: { secretArn: "another-secret" },
  },
  {
    type: VPC,
    program: () => ({ cidrBlock: "10.8.0.0/16", enableDnsHostnames: true, tags }),
    update: { enableDnsHostnames: false, ...retagged },
    replace: { cidrBlock: "10.7.0.0/16", instanceTenancy: "dedicated" },
  },
  {
    type: SUBNET,
    program: async (deployment) => ({
      vpcId: (await network(deployment)).vpcId,
      cidrBlock: "10.9.3.0/24",
      availabilityZone: "us-east-1c",
      tags,
    }),
    update: { mapPublicIpOnLaunch: true, ...retagged },
    replace: { cidrBlock: "10.9.4.0/24", availabilityZone: "us-east-1a", vpcId: "vpc-other" },
  },
  {
    type: GROUP,
    program: async (deployment) => ({
      vpcId: (await network(deployment)).vpcId,
      ingress: [
        { protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/8"], description: "TLS" },
      ],
      egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
      tags,
    }),
    update: {
      ingress: [{ protocol: "tcp", fromPort: 6379, toPort: 6379, self: true }],
      egress: [],
      ...retagged,
    },
    replace: { description: "another group", vpcId: "vpc-other", name: "another" },
  },
  {
    type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    program: async (deployment) => {
      const { vpcId } = await network(deployment);
      const group = await deployment.create(GROUP, "cache", { vpcId });
      return {
        securityGroupId: group.id,
        ipProtocol: "tcp",
        fromPort: 6379,
        toPort: 6379,
        cidrIpv4: "10.9.0.0/16",
        description: "plain",
        tags,
      };
    },
    update: { fromPort: 6380, toPort: 6380, cidrIpv4: "10.9.1.0/24", description: "TLS", ...retagged },
    replace: { securityGroupId: "sg-other" },
  },
  {
    type: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    program: async (deployment) => {
      const { vpcId } = await network(deployment);
      const group = await deployment.create(GROUP, "cache", { vpcId });
      return { securityGroupId: group.id, ipProtocol: "-1", cidrIpv4: "10.9.0.0/16" };
    },
    update: { cidrIpv4: "10.9.1.0/24" },
    replace: { securityGroupId: "sg-other" },
  },
  {
    type: "aws:elasticache/parameterGroup:ParameterGroup",
    name: "Cache",
    program: () => ({
      family: "redis7",
      parameters: [
        { name: "maxmemory-policy", value: "noeviction" },
        { name: "timeout", value: "300" },
      ],
      tags,
    }),
    update: { parameters: [{ name: "maxmemory-policy", value: "allkeys-lru" }], ...retagged },
    replace: { family: "valkey8", name: "another", description: "another" },
  },
  {
    type: "aws:elasticache/subnetGroup:SubnetGroup",
    program: async (deployment) => ({ subnetIds: (await network(deployment)).subnetIds, tags }),
    update: { description: "private subnets", ...retagged },
    replace: { name: "another" },
  },
  {
    type: "aws:elasticache/replicationGroup:ReplicationGroup",
    program: async (deployment) => {
      const { vpcId, subnetIds } = await network(deployment);
      const group = await deployment.create(GROUP, "cache", { vpcId });
      const subnets = await deployment.create("aws:elasticache/subnetGroup:SubnetGroup", "cache", {
        subnetIds,
      });
      const parameters = await deployment.create("aws:elasticache/parameterGroup:ParameterGroup", "cache", {
        family: "redis7",
      });
      return {
        description: "sessions",
        engine: "redis",
        engineVersion: "7.1",
        nodeType: "cache.t4g.small",
        numCacheClusters: 2,
        automaticFailoverEnabled: true,
        multiAzEnabled: true,
        port: 6379,
        parameterGroupName: parameters.outs.name,
        subnetGroupName: subnets.outs.name,
        securityGroupIds: [group.id],
        atRestEncryptionEnabled: true,
        transitEncryptionEnabled: true,
        authToken: "a token of sixteen or more",
        snapshotRetentionLimit: 7,
        snapshotWindow: "03:00-04:00",
        maintenanceWindow: "sun:05:00-sun:06:00",
        applyImmediately: true,
        logDeliveryConfigurations: ["engine-log", "slow-log"].map((logType) => ({
          destination: `/sessions/${logType}`,
          destinationType: "cloudwatch-logs",
          logFormat: "json",
          logType,
        })),
        tags,
      };
    },
    update: { description: "all sessions", snapshotRetentionLimit: 14, ...retagged },
    replace: { port: 6380, subnetGroupName: "another", replicationGroupId: "another" },
  },
  {
    type: TOPIC,
    program: async (deployment) => ({
      displayName: "Alerts",
      kmsMasterKeyId: (await keyOf(deployment)).arn,
      tags,
    }),
    update: { displayName: "All alerts", ...retagged },
    replace: { name: "another" },
  },
  {
    type: "aws:sns/topicPolicy:TopicPolicy",
    program: async (deployment) => {
      const topic = await deployment.create(TOPIC, "alerts", {});
      return { arn: topic.id, policy: deny(topic.id, "sns:Publish") };
    },
    update: { policy: deny("*", "sns:Publish") },
    replace: { arn: "arn:aws:sns:us-east-1:000000000000:another" },
    remains: "a topic always has a policy",
  },
  {
    type: "aws:sns/topicSubscription:TopicSubscription",
    program: async (deployment) => {
      const topic = await deployment.create(TOPIC, "alerts", {});
      const queue = await deployment.create(QUEUE, "alerts", {});
      return { topic: topic.id, protocol: "sqs", endpoint: queue.outs.arn };
    },
    update: { rawMessageDelivery: true, filterPolicy: { severity: ["P1"] } },
    replace: { protocol: "https", endpoint: "https://127.0.0.1/hook", topic: "another" },
  },
  {
    type: QUEUE,
    program: () => ({ visibilityTimeoutSeconds: 60, messageRetentionSeconds: 86400, tags }),
    update: { visibilityTimeoutSeconds: 90, receiveWaitTimeSeconds: 10, ...retagged },
    replace: { name: "another" },
  },
  {
    type: "aws:sqs/queuePolicy:QueuePolicy",
    program: async (deployment) => {
      const queue = await deployment.create(QUEUE, "alerts", {});
      return { queueUrl: queue.id, policy: deny(queue.outs.arn, "sqs:SendMessage") };
    },
    update: { policy: deny("*", "sqs:SendMessage") },
    replace: { queueUrl: "http://127.0.0.1/another" },
  },
  {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    program: async (deployment) => {
      const topic = await deployment.create(TOPIC, "alerts", {});
      return {
        alarmDescription: "errors",
        namespace: "Checkout",
        metricName: "Errors",
        dimensions: { service: "orders" },
        statistic: "Sum",
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 5,
        period: 60,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        treatMissingData: "notBreaching",
        alarmActions: [topic.id],
        okActions: [topic.id],
        tags,
      };
    },
    update: {
      threshold: 10,
      dimensions: { service: "payments" },
      okActions: [],
      actionsEnabled: false,
      ...retagged,
    },
    replace: { name: "another" },
  },
  {
    type: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    program: async (deployment) => {
      const alarm = await deployment.create("aws:cloudwatch/metricAlarm:MetricAlarm", "errors", {
        namespace: "Checkout",
        metricName: "Errors",
        statistic: "Sum",
        comparisonOperator: "GreaterThanThreshold",
        threshold: 5,
        period: 60,
        evaluationPeriods: 1,
      });
      return {
        alarmName: `all-${alarm.id}`,
        alarmRule: `ALARM("${alarm.id}")`,
        alarmDescription: "any",
        tags,
      };
    },
    update: { alarmDescription: "anything", ...retagged },
    replace: { alarmName: "another", actionsEnabled: false },
  },
  {
    type: "aws:cloudwatch/dashboard:Dashboard",
    program: () => ({
      dashboardName: "checkout",
      dashboardBody: {
        widgets: [{ type: "text", x: 0, y: 0, width: 6, height: 3, properties: { markdown: "orders" } }],
      },
    }),
    update: {
      dashboardBody: {
        widgets: [{ type: "text", x: 0, y: 0, width: 6, height: 3, properties: { markdown: "all orders" } }],
      },
    },
    replace: { dashboardName: "another" },
  },
  {
    type: LOG_GROUP,
    program: () => ({ retentionInDays: 30, tags }),
    update: { retentionInDays: 90, ...retagged },
    replace: { name: "another" },
  },
  {
    type: "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    program: async (deployment) => {
      const group = await deployment.create(LOG_GROUP, "application", {});
      return {
        logGroupName: group.id,
        pattern: "ERROR",
        metricTransformation: { name: "Errors", namespace: "Checkout", value: "1", defaultValue: "0" },
      };
    },
    update: { pattern: "FATAL" },
    replace: { name: "another", logGroupName: "another" },
  },
  {
    type: "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
    program: async (deployment) => {
      const group = await deployment.create(LOG_GROUP, "application", {});
      const destinationArn = "arn:aws:lambda:us-east-1:123456789012:function:aggregator";
      return { logGroup: group.id, filterPattern: "", destinationArn };
    },
    update: { filterPattern: "ERROR" },
    replace: { name: "another", logGroup: "another" },
  },
  {
    type: "aws:route53/healthCheck:HealthCheck",
    program: () => ({
      type: "HTTPS",
      fqdn: "app.example.com",
      port: 443,
      resourcePath: "/health",
      requestInterval: 30,
      failureThreshold: 3,
      enableSni: true,
      tags,
    }),
    update: { failureThreshold: 5, resourcePath: "/api/health", ...retagged },
    replace: { requestInterval: 10, type: "HTTP" },
  },
  {
    type: ROLE,
    program: () => ({
      assumeRolePolicy: trust("ec2.amazonaws.com"),
      description: "runs it",
      path: "/app/",
      tags,
    }),
    update: { assumeRolePolicy: trust("ecs.amazonaws.com"), maxSessionDuration: 7200, ...retagged },
    replace: { name: "another", path: "/other/" },
  },
  {
    type: "aws:iam/rolePolicy:RolePolicy",
    program: async (deployment) => {
      const role = await deployment.create(ROLE, "runner", { assumeRolePolicy: trust("ec2.amazonaws.com") });
      return { role: role.id, policy: allow("s3:GetObject") };
    },
    update: { policy: allow("s3:PutObject") },
    replace: { role: "another", name: "another" },
  },
  {
    type: "aws:iam/policy:Policy",
    program: () => ({ policy: allow("s3:GetObject"), description: "reads", tags }),
    update: { policy: allow("s3:PutObject"), ...retagged },
    replace: { name: "another", description: "writes" },
  },
  {
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    program: async (deployment) => {
      const role = await deployment.create(ROLE, "runner", { assumeRolePolicy: trust("ec2.amazonaws.com") });
      const policy = await deployment.create("aws:iam/policy:Policy", "reads", {
        policy: allow("s3:GetObject"),
      });
      return { role: role.id, policyArn: policy.id };
    },
    replace: { role: "another", policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" },
  },
  {
    type: USER,
    program: () => ({ path: "/app/", tags }),
    update: retagged,
    replace: {},
  },
  {
    type: "aws:iam/userPolicy:UserPolicy",
    program: async (deployment) => {
      const user = await deployment.create(USER, "application", {});
      return { user: user.id, policy: allow("s3:GetObject") };
    },
    update: { policy: allow("s3:PutObject") },
    replace: { user: "another" },
  },
  {
    type: "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    program: async (deployment) => {
      const user = await deployment.create(USER, "application", {});
      const policy = await deployment.create("aws:iam/policy:Policy", "reads", {
        policy: allow("s3:GetObject"),
      });
      return { user: user.id, policyArn: policy.id };
    },
    replace: { user: "another" },
  },
  {
    type: "aws:iam/accessKey:AccessKey",
    program: async (deployment) => ({ user: (await deployment.create(USER, "application", {})).id }),
    update: { status: "Inactive" },
    replace: { user: "another" },
  },
  {
    type: OAC,
    program: () => ({
      originAccessControlOriginType: "s3",
      signingBehavior: "always",
      signingProtocol: "sigv4",
    }),
    update: { description: "the site's", signingBehavior: "no-override" },
    replace: {},
  },
  {
    type: "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
    program: () => ({
      comment: "safe",
      securityHeadersConfig: {
        strictTransportSecurity: {
          accessControlMaxAgeSec: 31536000,
          includeSubdomains: true,
          override: true,
        },
        contentSecurityPolicy: { contentSecurityPolicy: "default-src 'self'", override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: "DENY", override: true },
        referrerPolicy: { referrerPolicy: "same-origin", override: true },
      },
      customHeadersConfig: { items: [{ header: "X-Team", value: "checkout", override: true }] },
      removeHeadersConfig: { items: [{ header: "Server" }] },
      corsConfig: {
        accessControlAllowCredentials: false,
        accessControlAllowHeaders: { items: ["*"] },
        accessControlAllowMethods: { items: ["GET", "HEAD"] },
        accessControlAllowOrigins: { items: ["https://example.com"] },
        originOverride: true,
      },
    }),
    update: {
      comment: "safer",
      securityHeadersConfig: {
        strictTransportSecurity: { accessControlMaxAgeSec: 63072000, preload: true, override: true },
      },
    },
    replace: {},
  },
  {
    type: "aws:cloudfront/cachePolicy:CachePolicy",
    program: () => ({
      defaultTtl: 60,
      maxTtl: 600,
      parametersInCacheKeyAndForwardedToOrigin: {
        cookiesConfig: { cookieBehavior: "none" },
        headersConfig: { headerBehavior: "whitelist", headers: { items: ["Accept-Language"] } },
        queryStringsConfig: { queryStringBehavior: "all" },
        enableAcceptEncodingGzip: true,
      },
    }),
    update: { comment: "pages", defaultTtl: 120 },
    replace: {},
  },
  {
    type: "aws:cloudfront/function:Function",
    program: () => ({
      code: "function handler(event) { return event.request; }",
      runtime: "cloudfront-js-2.0",
    }),
    update: { code: "function handler(event) { return { statusCode: 404 }; }", comment: "closed" },
    replace: { name: "another" },
  },
  {
    type: "aws:cloudfront/distribution:Distribution",
    program: async (deployment) => {
      const bucket = await deployment.create(BUCKET, "site", { forceDestroy: true });
      const access = await deployment.create(OAC, "site", {
        originAccessControlOriginType: "s3",
        signingBehavior: "always",
        signingProtocol: "sigv4",
      });
      const cache = {
        targetOriginId: "site",
        viewerProtocolPolicy: "redirect-to-https",
        allowedMethods: ["GET", "HEAD"],
        cachedMethods: ["GET", "HEAD"],
        compress: true,
        cachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
      };
      return {
        comment: "the site",
        enabled: true,
        defaultRootObject: "index.html",
        origins: [
          {
            originId: "site",
            domainName: bucket.outs.bucketRegionalDomainName,
            originAccessControlId: access.id,
          },
        ],
        defaultCacheBehavior: cache,
        orderedCacheBehaviors: [{ ...cache, pathPattern: "/assets/*" }],
        customErrorResponses: [{ errorCode: 404, responseCode: 200, responsePagePath: "/index.html" }],
        restrictions: { geoRestriction: { restrictionType: "none" } },
        viewerCertificate: { cloudfrontDefaultCertificate: true },
        priceClass: "PriceClass_100",
        tags,
      };
    },
    update: { comment: "the shop", httpVersion: "http2and3", isIpv6Enabled: true, ...retagged },
    replace: {},
  },
]);
