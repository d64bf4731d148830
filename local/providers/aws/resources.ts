// Every aws resource type that has a handler, loaded when first used.

import type { ResourceHandler } from "../handler.ts";
import type { AwsSession } from "./session.ts";

type Loader = () => Promise<ResourceHandler<AwsSession>>;

const acm: Record<string, Loader> = {
  "certificate:Certificate": async () => (await import("./acm/certificate.ts")).certificate,
  "certificateValidation:CertificateValidation": async () =>
    (await import("./acm/certificate-validation.ts")).certificateValidation,
};

const chatbot: Record<string, Loader> = {
  "slackChannelConfiguration:SlackChannelConfiguration": async () =>
    (await import("./chatbot/slack-channel.ts")).slackChannelConfiguration,
};

const cloudfront: Record<string, Loader> = {
  "cachePolicy:CachePolicy": async () => (await import("./cloudfront/cache-policy.ts")).cachePolicy,
  "distribution:Distribution": async () => (await import("./cloudfront/distribution.ts")).distribution,
  "function:Function": async () => (await import("./cloudfront/function.ts")).cloudfrontFunction,
  "originAccessControl:OriginAccessControl": async () =>
    (await import("./cloudfront/origin-access-control.ts")).originAccessControl,
  "responseHeadersPolicy:ResponseHeadersPolicy": async () =>
    (await import("./cloudfront/response-headers-policy.ts")).responseHeadersPolicy,
};

const cloudwatch: Record<string, Loader> = {
  "compositeAlarm:CompositeAlarm": async () =>
    (await import("./cloudwatch/composite-alarm.ts")).compositeAlarm,
  "dashboard:Dashboard": async () => (await import("./cloudwatch/dashboard.ts")).dashboard,
  "logGroup:LogGroup": async () => (await import("./logs/log-group.ts")).logGroup,
  "logMetricFilter:LogMetricFilter": async () =>
    (await import("./logs/log-metric-filter.ts")).logMetricFilter,
  "logSubscriptionFilter:LogSubscriptionFilter": async () =>
    (await import("./logs/subscription-filter.ts")).logSubscriptionFilter,
  "metricAlarm:MetricAlarm": async () => (await import("./cloudwatch/metric-alarm.ts")).metricAlarm,
};

const ec2: Record<string, Loader> = {
  "securityGroup:SecurityGroup": async () => (await import("./ec2/security-group.ts")).securityGroup,
  "subnet:Subnet": async () => (await import("./ec2/subnet.ts")).subnet,
  "vpc:Vpc": async () => (await import("./ec2/vpc.ts")).vpc,
};

const elasticache: Record<string, Loader> = {
  "parameterGroup:ParameterGroup": async () =>
    (await import("./elasticache/parameter-group.ts")).parameterGroup,
  "replicationGroup:ReplicationGroup": async () =>
    (await import("./elasticache/replication-group.ts")).replicationGroup,
  "subnetGroup:SubnetGroup": async () => (await import("./elasticache/subnet-group.ts")).subnetGroup,
};

const iam: Record<string, Loader> = {
  "accessKey:AccessKey": async () => (await import("./iam/access-key.ts")).accessKey,
  "openIdConnectProvider:OpenIdConnectProvider": async () =>
    (await import("./iam/openid-connect-provider.ts")).openIdConnectProvider,
  "policy:Policy": async () => (await import("./iam/policy.ts")).policy,
  "role:Role": async () => (await import("./iam/role.ts")).role,
  "rolePolicy:RolePolicy": async () => (await import("./iam/inline-policy.ts")).rolePolicy,
  "rolePolicyAttachment:RolePolicyAttachment": async () =>
    (await import("./iam/policy-attachment.ts")).rolePolicyAttachment,
  "user:User": async () => (await import("./iam/user.ts")).user,
  "userPolicy:UserPolicy": async () => (await import("./iam/inline-policy.ts")).userPolicy,
  "userPolicyAttachment:UserPolicyAttachment": async () =>
    (await import("./iam/policy-attachment.ts")).userPolicyAttachment,
};

const kms: Record<string, Loader> = {
  "alias:Alias": async () => (await import("./kms/alias.ts")).alias,
  "key:Key": async () => (await import("./kms/key.ts")).key,
};

const route53: Record<string, Loader> = {
  "healthCheck:HealthCheck": async () => (await import("./route53/health-check.ts")).healthCheck,
  "record:Record": async () => (await import("./route53/record.ts")).record,
};

const s3: Record<string, Loader> = {
  "bucket:Bucket": async () => (await import("./s3/bucket.ts")).bucket,
  "bucketCorsConfiguration:BucketCorsConfiguration": async () =>
    (await import("./s3/bucket-cors.ts")).bucketCors,
  "bucketLifecycleConfiguration:BucketLifecycleConfiguration": async () =>
    (await import("./s3/bucket-lifecycle.ts")).bucketLifecycle,
  "bucketLogging:BucketLogging": async () => (await import("./s3/bucket-logging.ts")).bucketLogging,
  "bucketObjectLockConfiguration:BucketObjectLockConfiguration": async () =>
    (await import("./s3/bucket-object-lock.ts")).bucketObjectLock,
  "bucketOwnershipControls:BucketOwnershipControls": async () =>
    (await import("./s3/bucket-ownership-controls.ts")).bucketOwnershipControls,
  "bucketPolicy:BucketPolicy": async () => (await import("./s3/bucket-policy.ts")).bucketPolicy,
  "bucketPublicAccessBlock:BucketPublicAccessBlock": async () =>
    (await import("./s3/bucket-public-access-block.ts")).bucketPublicAccessBlock,
  "bucketReplicationConfig:BucketReplicationConfig": async () =>
    (await import("./s3/bucket-replication.ts")).bucketReplication,
  "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": async () =>
    (await import("./s3/bucket-encryption.ts")).bucketEncryption,
  "bucketVersioning:BucketVersioning": async () =>
    (await import("./s3/bucket-versioning.ts")).bucketVersioning,
};

const secretsmanager: Record<string, Loader> = {
  "secret:Secret": async () => (await import("./secretsmanager/secret.ts")).secret,
  "secretPolicy:SecretPolicy": async () => (await import("./secretsmanager/secret-policy.ts")).secretPolicy,
  "secretVersion:SecretVersion": async () =>
    (await import("./secretsmanager/secret-version.ts")).secretVersion,
};

const sns: Record<string, Loader> = {
  "topic:Topic": async () => (await import("./sns/topic.ts")).topic,
  "topicPolicy:TopicPolicy": async () => (await import("./sns/topic-policy.ts")).topicPolicy,
  "topicSubscription:TopicSubscription": async () =>
    (await import("./sns/topic-subscription.ts")).topicSubscription,
};

const sqs: Record<string, Loader> = {
  "queue:Queue": async () => (await import("./sqs/queue.ts")).queue,
  "queuePolicy:QueuePolicy": async () => (await import("./sqs/queue-policy.ts")).queuePolicy,
};

const vpc: Record<string, Loader> = {
  "securityGroupEgressRule:SecurityGroupEgressRule": async () =>
    (await import("./ec2/security-group-rule.ts")).securityGroupEgressRule,
  "securityGroupIngressRule:SecurityGroupIngressRule": async () =>
    (await import("./ec2/security-group-rule.ts")).securityGroupIngressRule,
};

const wafv2: Record<string, Loader> = {
  "webAcl:WebAcl": async () => (await import("./wafv2/web-acl.ts")).webAcl,
  "webAclLoggingConfiguration:WebAclLoggingConfiguration": async () =>
    (await import("./wafv2/web-acl-logging.ts")).webAclLogging,
};

const modules = {
  acm,
  chatbot,
  cloudfront,
  cloudwatch,
  ec2,
  elasticache,
  iam,
  kms,
  route53,
  s3,
  secretsmanager,
  sns,
  sqs,
  vpc,
  wafv2,
};

/** Full type token, e.g. `aws:s3/bucket:Bucket`, to its handler. */
export const resources: { readonly [type: string]: Loader } = Object.fromEntries(
  Object.entries(modules).flatMap(([module, types]) =>
    Object.entries(types).map(([type, load]) => [`aws:${module}/${type}`, load]),
  ),
);
