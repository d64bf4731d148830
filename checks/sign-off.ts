// Proves that named persons decided on exactly what is about to be deployed, by SSH signatures over its digest.
// Says nothing about whether they looked; a changed release, setting or migration makes every signature void.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { digestJson } from "./canonical-json.ts";
import { type Signer, verify } from "./sign-off/ssh.ts";
import { bytesOf, findStatements, type Statement } from "./sign-off/statement.ts";
import { defineStep, type Observation } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const signOffInputs = () =>
  z.strictObject({
    system: z.string().min(1),
    stack: z.string().min(1),
    release: z.string().min(1),
    phase: z.enum(["before", "after"]),
    /** What would be deployed, by part; a part is text or a digest. */
    subject: z.record(z.string(), z.string()),
    /** Who has to sign: `count` different persons in each role. */
    required: z
      .array(z.strictObject({ role: z.string().min(1), count: z.number().int().min(1).max(20) }))
      .min(1),
    signers: z.array(
      z.strictObject({
        person: z.string().min(1),
        key: z.string().regex(/^(ssh|ecdsa|sk)-\S+ \S+/),
        roles: z.array(z.string().min(1)).min(1),
      }),
    ),
    /** Folder with the statements, absolute. */
    directory: z.string().min(1),
    /** How long a signature counts, 1 hour to 90 days. */
    validHours: z.number().int().min(1).max(2160),
    /** A person whose signature does not count: who made the change. */
    barred: z.array(z.string().min(1)),
  });
type SignOffInputs = z.output<ReturnType<typeof signOffInputs>>;

/** A signature that counts, or why it does not. */
interface Judged {
  file: string;
  statement: Statement | undefined;
  fault: string | undefined;
}

export const step = defineStep({
  inputs: signOffInputs,
  secrets: () => [],
  rerun: ({ subject, release, phase, required, signers, barred }) => ({
    subject,
    release,
    phase,
    required,
    signers,
    barred,
  }),
  deadlineSeconds: 60,
  async plan(inputs) {
    const { subject, required, signers, directory, release } = inputs;
    if (!subject || !required || !signers || !directory || !release)
      return ["what has to be signed is unknown until up"];
    const full = signOffInputs().parse(inputs);
    const observations = observationsOf(full, await judge(full, new Date()));
    const digest = digestJson(subject);
    return [`subject ${digest}`, ...observations.map((o) => `${o.id}: ${o.observed}, want ${o.expected}`)];
  },
  async run(inputs) {
    const judged = await judge(inputs, new Date());
    const counted = judged.filter(({ fault }) => fault === undefined);
    return {
      observations: observationsOf(inputs, judged),
      facts: {
        summary: counted.map(({ statement }) => `${statement?.person} (${statement?.role})`).join(", "),
        subject: digestJson(inputs.subject),
        parts: inputs.subject,
        signatures: counted.map(({ file, statement }) => ({
          file,
          person: statement?.person ?? "",
          role: statement?.role ?? "",
          decision: statement?.decision ?? "",
          signedAt: statement?.signedAt ?? "",
        })),
        refused: judged
          .filter(({ fault }) => fault !== undefined)
          .map(({ file, fault }) => ({ file, why: fault ?? "" })),
      },
    };
  },
});

async function judge(inputs: SignOffInputs, now: Date): Promise<Judged[]> {
  const found = await findStatements(inputs.directory);
  return Promise.all(
    found.map(async ({ file, statement, signature, fault }) => {
      if (!statement || !signature) return { file, statement, fault: fault ?? "is incomplete" };
      return {
        file,
        statement,
        fault:
          mismatch(inputs, statement, now) ??
          (await verify(statement.person, keysOf(inputs.signers), bytesOf(statement), signature)),
      };
    }),
  );
}

function keysOf(signers: SignOffInputs["signers"]): Signer[] {
  return signers.map(({ person, key }) => ({ person, key }));
}

/** Why a well-formed statement does not count for this gate. */
function mismatch(inputs: SignOffInputs, statement: Statement, now: Date): string | undefined {
  const { system, stack, release, phase } = inputs;
  const about = `${statement.system} ${statement.release} on ${statement.stack}, ${statement.phase}`;
  if (about !== `${system} ${release} on ${stack}, ${phase}`) return `is about ${about}`;
  if (statement.subject !== digestJson(inputs.subject))
    return "was made for something else than what would be deployed now";
  const ageHours = (now.getTime() - Date.parse(statement.signedAt)) / 3_600_000;
  if (ageHours > inputs.validHours)
    return `expired: signed at ${statement.signedAt}, counts for ${inputs.validHours} h`;
  if (ageHours < -0.1) return `is dated in the future: ${statement.signedAt}`;
  if (inputs.barred.includes(statement.person))
    return `${statement.person} made this change and cannot approve it`;
  const signer = inputs.signers.find(({ person }) => person === statement.person);
  if (!signer) return `${statement.person} is not among the signers of this stack`;
  return signer.roles.includes(statement.role)
    ? undefined
    : `${statement.person} does not sign as ${statement.role}`;
}

function observationsOf(inputs: SignOffInputs, judged: Judged[]): Observation[] {
  const counted = judged.flatMap(({ statement, fault }) =>
    statement && fault === undefined ? [statement] : [],
  );
  const vetoes = counted.filter(({ decision }) => decision === "no-go");
  const veto: Observation = {
    id: "no-veto",
    result: vetoes.length === 0 ? "passed" : "failed",
    expected: "no signed no-go",
    observed:
      vetoes.length === 0
        ? "none"
        : vetoes
            .map((v) => `no-go by ${v.person} (${v.role})${v.comment ? `: ${v.comment}` : ""}`)
            .join("; "),
  };
  return [...inputs.required.map((need) => observationOf(need, counted, judged, inputs.signers)), veto];
}

function observationOf(
  need: SignOffInputs["required"][number],
  counted: Statement[],
  judged: Judged[],
  signers: SignOffInputs["signers"],
): Observation {
  const people = new Set(
    counted
      .filter(({ role, decision }) => role === need.role && decision === "go")
      .map(({ person }) => person),
  );
  const refused = judged
    .filter(({ statement, fault }) => fault !== undefined && statement?.role === need.role)
    .map(({ file, fault }) => `${file} ${fault}`);
  const able = signers.filter(({ roles }) => roles.includes(need.role)).map(({ person }) => person);
  const missing = `; ${able.length > 0 ? able.join(" or ") : "nobody in the settings"} can: greenlight sign --role "${need.role}"`;
  const enough = people.size >= need.count;
  return {
    id: slugOf(need.role),
    result: enough ? "passed" : "failed",
    expected: `${need.count} signed go as ${need.role}`,
    observed: `${people.size} (${[...people].join(", ") || "nobody"})${refused.length > 0 ? `; ${refused.join("; ")}` : ""}${enough ? "" : missing}`,
  };
}

/** The observation that stands for a role, e.g. `tech-lead` for `Tech Lead`. */
export function slugOf(role: string): string {
  return role
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

/** A gate that only signatures open. Whatever must not change before depends on it. */
export class SignOff extends Step {
  constructor(name: string, args: pulumi.Inputs & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("sign-off", name, args, opts);
  }
}
