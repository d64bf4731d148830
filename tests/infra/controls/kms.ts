// Controls of AWS KMS. Whoever may use a key is decided by its policy and by IAM together.
import {
  type Control,
  listed,
  type Met,
  rewriting,
  type Statement,
  setting,
  statementsOf,
} from "./control.ts";

const KEY = "aws:kms/key:Key";
const USING = /^kms:(\*|Decrypt|Encrypt|ReEncrypt|GenerateDataKey)/;
const uses = ({ Effect, Action }: Statement) =>
  Effect === "Allow" && listed(Action).some((one) => USING.test(one));
const widened = (change: (statement: Statement) => Statement): Met["breaks"][number] =>
  rewriting("policy", (statements) => statements.map((one) => (uses(one) ? change(one) : one)));

export const kms: Control[] = [
  {
    id: "KMS.1, KMS.2",
    asks: "no IAM policy may decrypt with every key",
    type: KEY,
    met: "the key itself is used through named services or by a named service only; direct use by an identity is refused",
    holds: ({ inputs }) => {
      const using = statementsOf(inputs.policy).filter(uses);
      return (
        using.length > 0 &&
        using.every(({ Condition }) =>
          /kms:ViaService|aws:SourceAccount|kms:EncryptionContext/.test(JSON.stringify(Condition ?? {})),
        )
      );
    },
    breaks: [
      widened(({ Condition: _, ...statement }) => statement),
      widened((statement) => ({ ...statement, Condition: { Bool: { "aws:SecureTransport": "true" } } })),
    ],
  },
  {
    id: "KMS.3",
    asks: "keys are not deleted by mistake",
    type: KEY,
    met: "a key waits 30 days before it is deleted, and Pulumi refuses while it is protected",
    holds: ({ inputs }) => inputs.deletionWindowInDays === 30,
    breaks: [setting(["deletionWindowInDays"], 7)],
  },
  {
    id: "KMS.4, CIS 3.6",
    asks: "rotation",
    type: KEY,
    met: "the key material is rotated every year",
    holds: ({ inputs }) => inputs.enableKeyRotation === true,
    breaks: [setting(["enableKeyRotation"], false), setting(["enableKeyRotation"], undefined)],
  },
  {
    id: "KMS.5",
    asks: "no public access",
    type: KEY,
    met: "every statement of the key policy names an account of AWS or a service",
    holds: ({ inputs }) =>
      statementsOf(inputs.policy).every(
        ({ Effect, Principal }) =>
          Effect === "Deny" ||
          (Principal !== "*" && Principal !== undefined && !JSON.stringify(Principal).includes('"*"')),
      ),
    breaks: [
      rewriting("policy", (all) => all.map((one) => ({ ...one, Principal: "*" }))),
      rewriting("policy", (all) => all.map((one) => ({ ...one, Principal: { AWS: "*" } }))),
      rewriting("policy", (all) => all.map(({ Principal: _, ...one }) => one)),
    ],
  },
];
