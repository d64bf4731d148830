// `greenlight sign`: a person's decision on exactly what a preview of the stack would deploy, signed with their SSH key.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { readChecklist } from "../../report/checklist.ts";
import { type Command, UsageError } from "../command.ts";
import { failureOf } from "../deployment.ts";
import { existingStack } from "../engine.ts";
import { Progression } from "../progress.ts";
import { projectFolder } from "../project-folder.ts";
import { type Gate, gateOf, signDecision, signWaiver } from "../sign-off/gate.ts";

const usage = `usage: greenlight sign --stack STACK --role ROLE --key FILE [--person NAME] [--decision go|no-go]
                       [--phase before|after] [--comment TEXT] [--override-freeze NAME] [--cwd DIR]
       greenlight sign --stack STACK --role ROLE --key FILE [--person NAME] --waive BOX --reason TEXT --expires DAY

Previews the stack, shows what would be deployed, and signs the decision on exactly that with an SSH key.
  --stack, -s        the stack
  --role             the role to sign in, as in the stack's settings
  --key              private key file, or a public key file whose private key is in the SSH agent
  --person           who signs, as in the stack's settings (default: the one person listed for the role)
  --decision         go (default) or no-go
  --phase            before (default): may it be deployed; after: is it accepted
  --comment          kept with the decision
  --override-freeze  lets this deployment through a freeze window; needs --comment with the reason
  --waive            instead: a box of the checklist that need not be settled, with --reason and --expires YYYY-MM-DD
  --cwd, -C          folder of Pulumi.yaml (default: here)`;

function options(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", short: "s" },
      role: { type: "string" },
      key: { type: "string" },
      person: { type: "string" },
      decision: { type: "string", default: "go" },
      phase: { type: "string" },
      comment: { type: "string" },
      "override-freeze": { type: "string" },
      waive: { type: "string" },
      reason: { type: "string" },
      expires: { type: "string" },
      cwd: { type: "string", short: "C", default: "." },
    },
  });
  const { stack, role, key, waive, reason, expires, comment } = values;
  if (!stack || !role || !key) throw new UsageError("--stack, --role and --key are needed");
  const decision = z.enum(["go", "no-go"]).safeParse(values.decision);
  if (!decision.success) throw new UsageError(`--decision must be go or no-go, got ${values.decision}`);
  const phase = z.enum(["before", "after"]).optional().safeParse(values.phase);
  if (!phase.success) throw new UsageError(`--phase must be before or after, got ${values.phase}`);
  if (waive !== undefined && (!reason || !z.iso.date().safeParse(expires).success))
    throw new UsageError("--waive needs --reason and --expires YYYY-MM-DD");
  if (values["override-freeze"] !== undefined && !comment)
    throw new UsageError("--override-freeze needs --comment with the reason");
  return { ...values, stack, role, key, decision: decision.data, phase: phase.data };
}

async function run(args: string[]): Promise<number> {
  const wanted = options(args);
  if (wanted.waive !== undefined) requireBox(projectFolder(wanted.cwd), wanted.waive);
  const { role, key, waive, comment, decision } = wanted;
  // A waiver is no decision on a phase: any gate knows the signers.
  const phase = wanted.phase ?? (waive === undefined ? "before" : undefined);
  const found = await findGate(wanted.cwd, wanted.stack, phase);
  const person = personOf(found, role, wanted.person);
  if (waive !== undefined) {
    const { reason = "", expires = "" } = wanted;
    const file = await signWaiver(found, { role, person, key, waives: waive, reason, expires });
    tell([`${person} (${role}): waives ${waive} on ${found.stack} until ${expires}: ${reason}`], file);
    return 0;
  }
  const overridesFreeze = wanted["override-freeze"];
  const file = await signDecision(found, {
    role,
    person,
    key,
    decision,
    ...(comment === undefined ? {} : { comment }),
    ...(overridesFreeze === undefined ? {} : { overridesFreeze }),
  });
  const parts = Object.entries(found.subject).map(([name, value]) => `  ${name.padEnd(14)}${value}`);
  tell(
    [`${person} (${role}): ${decision} for ${found.system} ${found.release} on ${found.stack}`, ...parts],
    file,
  );
  return 0;
}

/** @throws where the checklist has no such box: nobody would miss that nothing is waived */
function requireBox(directory: string, box: string): void {
  const file = join(directory, "checklist.yaml");
  if (!existsSync(file))
    throw new Error(`box "${box}": ${file} is not there, want the checklist that has it`);
  const { boxes } = readChecklist(readFileSync(file, "utf8"), file);
  if (!boxes.some(({ id }) => id === box))
    throw new Error(`box "${box}": not in ${file}, want the id of one of its ${boxes.length} boxes`);
}

function tell(lines: string[], file: string): void {
  process.stdout.write(`${[...lines, `written: ${file} and .sig; commit both`].join("\n")}\n`);
}

/** @throws when the preview fails for another reason than the missing signature, or the stack asks for none. */
async function findGate(directory: string, stackName: string, phase: string | undefined): Promise<Gate> {
  const { stack } = await existingStack(stackName, directory);
  const gates: Gate[] = [];
  const seen = new Set<string>();
  const preview = new Progression(() => {});
  const previewed = stack.preview({
    onEvent: (event) => {
      preview.see(event);
      const gate = gateOf(event);
      if (gate) gates.push(gate);
      else if (event.resourcePreEvent?.metadata.type.endsWith(":SignOff"))
        seen.add(event.resourcePreEvent.metadata.urn.split("::").at(-1) ?? "");
    },
  });
  const refused = await failureOf(previewed);
  if (refused)
    throw new Error(`nothing is signed: ${preview.faults(refused).join("\n")}`, { cause: refused });
  const found = gates.find((candidate) => phase === undefined || candidate.phase === phase);
  if (found) return found;
  if (phase === "after" && seen.has("acceptance"))
    throw new Error(
      `stack "${stackName}": what there is to accept is not deployed as it stands; run pulumi up, then sign`,
    );
  throw new Error(
    `stack "${stackName}": no sign-off ${phase ?? ""} the deployment in its settings; add greenlight:signOff`,
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
