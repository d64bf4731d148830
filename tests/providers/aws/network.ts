// Networks and caches.
import type { Case } from "../support/conformance.ts";
import { GROUP, network, retagged, SUBNET, tags, VPC } from "./parts.ts";

export const networks: Case[] = [
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
];
