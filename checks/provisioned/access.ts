// Who may read a secret, asked of IAM's own simulator with the policies as they are deployed.
import type { IAMClient } from "@aws-sdk/client-iam";
import type { ProvisionedInputs } from "../provisioned.ts";
import { type Observation, observe } from "../step/definition.ts";

type Wanted = NonNullable<ProvisionedInputs["access"]>;

const READ = "secretsmanager:GetSecretValue";

/** Observation `secret-access`. */
export async function judgeAccess(wanted: Wanted, abortSignal: AbortSignal): Promise<Observation> {
  const { IAMClient } = await import("@aws-sdk/client-iam");
  const iam = new IAMClient({});
  try {
    const decided: [policy: string, may: boolean, should: boolean][] = [];
    for (const policy of [...wanted.reads, ...wanted.readsNot])
      decided.push([
        policy.split("/").at(-1) ?? policy,
        await mayRead(iam, policy, wanted.secretArn, abortSignal),
        wanted.reads.includes(policy),
      ]);
    const words = (may: boolean) => (may ? "reads it" : "does not");
    return observe(
      "secret-access",
      decided.every(([, may, should]) => may === should),
      decided.map(([policy, , should]) => `${policy} ${words(should)}`).join(", "),
      decided.map(([policy, may]) => `${policy} ${words(may)}`).join(", "),
    );
  } finally {
    iam.destroy();
  }
}

async function mayRead(
  iam: IAMClient,
  PolicyArn: string,
  secretArn: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const { GetPolicyCommand, GetPolicyVersionCommand, SimulateCustomPolicyCommand } = await import(
    "@aws-sdk/client-iam"
  );
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }), { abortSignal });
  const version = new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId });
  const { PolicyVersion } = await iam.send(version, { abortSignal });
  const simulation = new SimulateCustomPolicyCommand({
    PolicyInputList: [decodeURIComponent(PolicyVersion?.Document ?? "")],
    ActionNames: [READ],
    ResourceArns: [secretArn],
  });
  const { EvaluationResults: [result] = [] } = await iam.send(simulation, { abortSignal });
  return result?.EvalDecision === "allowed";
}
