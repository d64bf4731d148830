// Controls of AWS Secrets Manager.
import { type Control, companions, listed, rewriting, setting, statementsOf, without } from "./control.ts";

const SECRET = "aws:secretsmanager/secret:Secret";
const POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy";

export const secretsManager: Control[] = [
  {
    id: "SecretsManager.1, SecretsManager.2",
    asks: "automatic rotation",
    type: SECRET,
    waived:
      "values are rotated by an update (`generation`, `passwordGeneration`), in which the step `secrets` proves that the old one is refused; a rotation between updates would leave the stack's state behind",
  },
  {
    id: "SecretsManager.3",
    asks: "no unused secrets",
    type: SECRET,
    met: "every secret has a value of the stack, and one that the stack no longer needs is deleted with it",
    holds: ({ name }, estate) =>
      estate.some(
        (one) =>
          one.type === "aws:secretsmanager/secretVersion:SecretVersion" && one.name === `${name}-value`,
      ),
    breaks: [
      ({ name }, estate) => {
        const version = estate.find((one) => one.name === `${name}-value`);
        if (version) without(estate, version);
      },
    ],
  },
  {
    id: "SecretsManager.4",
    asks: "rotation within a number of days",
    type: SECRET,
    waived:
      "the step `secrets` fails once a value is older than `greenlight:secrets.maximumAgeDays`, 90 unless told otherwise",
  },
  {
    id: "(own key)",
    asks: "encryption with a key whose use can be seen and withdrawn",
    type: SECRET,
    met: "the stack's own KMS key",
    holds: ({ inputs }) => typeof inputs.kmsKeyId === "string" && inputs.kmsKeyId.includes(":kms:"),
    breaks: [setting(["kmsKeyId"], undefined), setting(["kmsKeyId"], "alias/aws/secretsmanager")],
  },
  {
    id: "(recovery)",
    asks: "a deleted secret can be brought back",
    type: SECRET,
    met: "for 30 days",
    holds: ({ inputs }) => inputs.recoveryWindowInDays === 30,
    breaks: [setting(["recoveryWindowInDays"], 0), setting(["recoveryWindowInDays"], 7)],
  },
  {
    id: "(resource policy)",
    asks: "no access from other accounts",
    type: POLICY,
    met: "each secret's policy refuses every account but its own, and policies that would open it to everybody are refused",
    holds: ({ inputs }) =>
      inputs.blockPublicPolicy === true &&
      statementsOf(inputs.policy).some(
        ({ Effect, Principal, Action, Condition }) =>
          Effect === "Deny" &&
          Principal === "*" &&
          listed(Action).includes("secretsmanager:*") &&
          Condition?.StringNotEquals?.["aws:PrincipalAccount"] === "123456789012",
      ),
    breaks: [
      setting(["blockPublicPolicy"], false),
      rewriting("policy", (all) => all.map((one) => ({ ...one, Effect: "Allow" }))),
      rewriting("policy", (all) => all.map(({ Condition: _, ...one }) => one)),
    ],
  },
  {
    id: "(resource policy)",
    asks: "every secret has one",
    type: SECRET,
    met: "see above",
    holds: ({ name }, estate) => companions(estate, POLICY, "secretArn", arnOf(name)).length === 1,
    breaks: [
      ({ name }, estate) => {
        for (const one of companions(estate, POLICY, "secretArn", arnOf(name))) without(estate, one);
      },
    ],
  },
];

/** As the mocks make it. */
function arnOf(name: string): string {
  return `arn:aws:secretsmanager:us-east-1:123456789012:${name}`;
}
