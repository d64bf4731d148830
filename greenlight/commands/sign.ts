// `greenlight sign`: a person's decision on exactly what a preview of the stack would deploy, signed with their SSH key.
import { mkdir, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { parseArgs } from "node:util";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import { digestJson } from "../../checks/canonical-json.ts";
import { sign as signBytes } from "../../checks/sign-off/ssh.ts";
import { bytesOf, fileNameOf, type Statement } from "../../checks/sign-off/statement.ts";
import { STEP_TYPE } from "../../report/steps.ts";
import { type Command, UsageError } from "../command.ts";
import { availableEngine } from "../engine.ts";

const usage = `usage: greenlight sign --stack STACK --role ROLE --key FILE [--person NAME] [--decision go|no-go]
                       [--phase before|after] [--comment TEXT] [--cwd DIR]

Previews the stack, shows what would be deployed, and signs the decision on exactly that with an SSH key.
  --stack, -s   the stack
  --role        the role to sign in, as in the stack's settings
  --key         private key file, or a public key file whose private key is in the SSH agent
  --person      who signs, as in the stack's settings (default: the one person listed for the role)
  --decision    go (default) or no-go
  --phase       before (default): may it be deployed; after: is it accepted
  --comment     kept with the decision
  --cwd, -C     folder of Pulumi.yaml (default: here)`;

/** What the gate of a previewed stack says must be signed. */
const gate = z.object({
  system: z.string(),
  stack: z.string(),
  release: z.string(),
  phase: z.enum(["before", "after"]),
  subject: z.record(z.string(), z.string()),
  required: z.array(z.object({ role: z.string() })),
  signers: z.array(z.object({ person: z.string(), roles: z.array(z.string()) })),
  directory: z.string(),
});
type Gate = z.output<typeof gate>;

function options(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", short: "s" },
      role: { type: "string" },
      key: { type: "string" },
      person: { type: "string" },
      decision: { type: "string", default: "go" },
      phase: { type: "string", default: "before" },
      comment: { type: "string" },
      cwd: { type: "string", short: "C", default: "." },
    },
  });
  const { stack, role, key } = values;
  if (!stack || !role || !key) throw new UsageError("--stack, --role and --key are needed");
  const decision = z.enum(["go", "no-go"]).safeParse(values.decision);
  if (!decision.success) throw new UsageError(`--decision must be go or no-go, got ${values.decision}`);
  return { ...values, stack, role, key, decision: decision.data };
}

async function run(args: string[]): Promise<number> {
  const wanted = options(args);
  const found = await gateOf(wanted.cwd, wanted.stack, wanted.phase);
  const person = personOf(found, wanted.role, wanted.person);
  const statement: Statement = {
    format: 1,
    system: found.system,
    stack: found.stack,
    release: found.release,
    phase: found.phase,
    subject: digestJson(found.subject),
    role: wanted.role,
    person,
    decision: wanted.decision,
    ...(wanted.comment === undefined ? {} : { comment: wanted.comment }),
    signedAt: new Date().toISOString(),
  };
  const bytes = bytesOf(statement);
  const signature = await signBytes(wanted.key, bytes);
  const directory = isAbsolute(found.directory) ? found.directory : join(process.cwd(), found.directory);
  await mkdir(directory, { recursive: true });
  const file = join(directory, fileNameOf(statement));
  await writeFile(file, bytes);
  await writeFile(`${file}.sig`, signature);
  const parts = Object.entries(found.subject).map(([name, value]) => `  ${name.padEnd(14)}${value}`);
  process.stdout.write(
    `${person} (${wanted.role}): ${wanted.decision} for ${found.system} ${found.release} on ${found.stack}\n${parts.join("\n")}\nwritten: ${file} and .sig; commit both\n`,
  );
  return 0;
}

/** @throws when the preview fails for another reason than the missing signature, or the stack asks for none. */
async function gateOf(directory: string, stackName: string, phase: string): Promise<Gate> {
  const { command } = await availableEngine();
  const stack = await LocalWorkspace.selectStack(
    { stackName, workDir: directory },
    { pulumiCommand: command },
  );
  const gates: Gate[] = [];
  await stack.preview({
    onEvent: ({ resourcePreEvent }) => {
      if (resourcePreEvent?.metadata.type !== `${STEP_TYPE}SignOff`) return;
      const read = gate.safeParse(resourcePreEvent.metadata.new?.inputs);
      if (read.success) gates.push(read.data);
    },
  });
  const found = gates.find((candidate) => candidate.phase === phase);
  if (found) return found;
  throw new Error(
    `stack "${stackName}": no sign-off ${phase} the deployment in its settings; add greenlight:signOff`,
  );
}

function personOf(found: Gate, role: string, person: string | undefined): string {
  const able = found.signers.filter(({ roles }) => roles.includes(role)).map((signer) => signer.person);
  if (able.length === 0) {
    const roles = [...new Set(found.required.map((need) => need.role))].join(", ");
    throw new Error(`role "${role}": nobody signs in it, want one of ${roles}`);
  }
  if (person !== undefined && !able.includes(person)) {
    throw new Error(`person "${person}": does not sign as ${role}, want one of ${able.join(", ")}`);
  }
  const [only, ...others] = able;
  if (person === undefined && others.length > 0)
    throw new UsageError(`--person is needed: ${able.join(", ")} sign as ${role}`);
  return person ?? only ?? "";
}

export const sign: Command = {
  usage,
  run,
};
