// Keys and secrets.
import type { Case } from "../support/conformance.ts";
import { deny, KEY, keyOf, retagged, SECRET, tags } from "./parts.ts";

export const keysAndSecrets: Case[] = [
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
];
