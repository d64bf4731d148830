// Changed settings of the application and its site, and the steps that they take.
import type { Changes } from "./change.ts";

export const published: Changes = {
  application: {
    environment: { to: { NODE_ENV: "staging" }, steps: { "replace SecretVersion": 1 } },
    secrets: { to: { SMTP_PASSWORD: "another-of-the-mail-server" }, steps: { "replace SecretVersion": 1 } },
    "generated.*.length": {
      section: { generated: { JWT_SECRET: {} } },
      key: "JWT_SECRET",
      to: 64,
      steps: { "replace RandomPassword": 1, "replace SecretVersion": 1 },
    },
    "generated.*.generation": {
      section: { generated: { JWT_SECRET: {} } },
      key: "JWT_SECRET",
      to: 2,
      steps: { "replace RandomPassword": 1, "replace SecretVersion": 1 },
    },
    provided: { to: { DATABASE_URL: "databaseUrl" }, steps: { "replace SecretVersion": 1 } },
    rulesFile: { to: "environment.yaml", steps: {} },
  },
  site: {
    directory: { to: "dist", steps: {} },
    domains: {
      to: ["www.example.com", "example.com"],
      steps: {
        "replace Certificate": 1,
        "create Record": 3,
        "replace CertificateValidation": 1,
        "update Distribution": 1,
      },
    },
    certificateArn: {
      to: "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000",
      steps: {
        "update Distribution": 1,
        "delete Certificate": 1,
        "delete Record": 1,
        "delete CertificateValidation": 1,
      },
    },
    zoneId: {
      to: "Z9999999999",
      steps: { "update Policy": 1, "replace Record": 3, "replace CertificateValidation": 1 },
    },
    "firewall.requestsPerMinute": { to: 300, steps: { "update WebAcl": 1 } },
    "firewall.logDays": { to: 90, steps: { "create LogGroup": 1, "create WebAclLoggingConfiguration": 1 } },
    contentSecurityPolicy: { to: "default-src 'none'", steps: { "update ResponseHeadersPolicy": 1 } },
    singlePage: { to: true, steps: { "update BucketPolicy": 1, "update Distribution": 1 } },
    maximumBytes: { to: 1000000, steps: {} },
    "budgets[].name": {
      section: { budgets: [{ name: "all", files: "**/*.js", maximumBytes: 5000 }] },
      to: "scripts",
      steps: {},
    },
    "budgets[].files": {
      section: { budgets: [{ name: "all", files: "**/*.js", maximumBytes: 5000 }] },
      to: "**/*.css",
      steps: {},
    },
    "budgets[].maximumBytes": {
      section: { budgets: [{ name: "all", files: "**/*.js", maximumBytes: 5000 }] },
      to: 1000,
      steps: {},
    },
    "budgets[].maximumTotalBytes": {
      section: { budgets: [{ name: "all", files: "**/*.js", maximumBytes: 5000 }] },
      to: 1000,
      steps: {},
    },
    "budgets[].minimumFiles": {
      section: { budgets: [{ name: "all", files: "**/*.js", maximumBytes: 5000 }] },
      to: 2,
      steps: {},
    },
    keepAssetDays: { to: 7, steps: {} },
    edgeUrl: { to: "https://edge.example.com", steps: {} },
    priceClass: { to: "PriceClass_100", steps: { "update Distribution": 1 } },
  },
};
