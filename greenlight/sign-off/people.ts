// Demonstration people, so that the gates of an example on this machine are signed with real keys through the same way that
// people take. One person for each role that the stack's settings ask for; their keys are made here and worth nothing.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { z } from "zod";
import { digestJson } from "../../checks/canonical-json.ts";
import { findStatements } from "../../checks/sign-off/statement.ts";
import { slugOf } from "../../checks/sign-off.ts";
import { readChecklist } from "../../report/checklist.ts";
import { sectionOf } from "../stack-file.ts";
import { type Gate, signDecision, signWaiver } from "./gate.ts";

const COMMENT = "signed by a demonstration person, not by a human being";
const WAIVER_DAYS = 90;

const role = z.object({ role: z.string(), count: z.number().default(1) });
const asked = z.object({
  signersFile: z.string(),
  before: z.array(role).default([]),
  after: z.array(role).default([]),
});

/** Where demonstration people of a stack keep their keys, and the checklist whose waivers they sign. */
interface Demonstration {
  keys: string;
  checklist: string;
}

/** Undefined where the signers of a stack are real people. */
export type People = Demonstration | undefined;

/**
 * Makes the people whom the stack's `greenlight:signOff` asks for, if its `signersFile` lies in `GREENLIGHT_PEOPLE_DIR`.
 * @param directory folder of the system's Pulumi.yaml
 */
export async function makePeople(
  directory: string,
  stack: string,
  environment: { [name: string]: string },
): Promise<People> {
  const home = environment.GREENLIGHT_PEOPLE_DIR;
  const read =
    home === undefined ? undefined : sectionOf({ directory, stack, environment }, "signOff", asked);
  if (!read?.signersFile.startsWith(`${home}/`)) return undefined;
  const { signersFile, before, after } = read;
  const keys = join(dirname(signersFile), "keys");
  await mkdir(keys, { recursive: true, mode: 0o700 });
  const wanted = new Map<string, string>();
  for (const need of [...before, ...after])
    for (let nth = 1; nth <= need.count; nth++) wanted.set(personOf(need.role, nth), need.role);
  const signers = await Promise.all(
    [...wanted].map(async ([person, as]) => ({ person, key: await publicKeyOf(keys, person), roles: [as] })),
  );
  await writeFile(
    signersFile,
    `# Demonstration people: they sign only on this machine.\n${stringify(signers)}`,
  );
  return { keys, checklist: join(directory, "checklist.yaml") };
}

/** Lets the demonstration people sign go at a gate, and the checklist's waivers before the deployment, those who did not yet. */
export async function signAsPeople({ keys, checklist }: Demonstration, gate: Gate): Promise<void> {
  if (gate.phase === "before") await signWaivers(keys, checklist, gate);
  const subject = digestJson(gate.subject);
  const oldest = Date.now() - (gate.validHours * 3_600_000) / 2;
  const done = (await findStatements(gate.directory)).flatMap(({ statement, fault }) =>
    statement && !fault && statement.subject === subject && Date.parse(statement.signedAt) > oldest
      ? [`${statement.phase} ${statement.person}`]
      : [],
  );
  await Promise.all(
    gate.required.flatMap((need) =>
      Array.from({ length: need.count }, (_, index) => personOf(need.role, index + 1))
        .filter((person) => !done.includes(`${gate.phase} ${person}`))
        .map((person) =>
          signDecision(gate, {
            role: need.role,
            person,
            key: join(keys, person),
            decision: "go",
            comment: COMMENT,
          }),
        ),
    ),
  );
}

/** The first role that may waive boxes signs for those that the checklist says are waived, for some time. */
async function signWaivers(keys: string, checklist: string, gate: Gate): Promise<void> {
  const [role] = gate.waiverRoles;
  if (role === undefined || !existsSync(checklist)) return;
  const person = personOf(role, 1);
  const today = new Date().toISOString().slice(0, 10);
  const found = await findStatements(gate.directory);
  const done = found.flatMap(({ waiver, fault }) =>
    waiver && !fault && waiver.person === person && waiver.expires > today
      ? [`${waiver.waives}: ${waiver.reason}`]
      : [],
  );
  const expires = new Date(Date.now() + WAIVER_DAYS * 86_400_000).toISOString().slice(0, 10);
  for (const { id, waived } of readChecklist(await readFile(checklist, "utf8"), checklist).boxes) {
    if (waived === undefined) continue;
    const reason = `${waived} (${COMMENT})`;
    if (done.includes(`${id}: ${reason}`)) continue;
    await signWaiver(gate, { role, person, key: join(keys, person), waives: id, reason, expires });
  }
}

function personOf(name: string, nth: number): string {
  return `demo-${slugOf(name)}${nth === 1 ? "" : `-${nth}`}@example.com`;
}

async function publicKeyOf(folder: string, person: string): Promise<string> {
  const file = join(folder, person);
  if (!existsSync(file))
    await promisify(execFile)("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", person, "-f", file]);
  const [type = "", key = ""] = (await readFile(`${file}.pub`, "utf8")).split(" ");
  return `${type} ${key}`;
}
