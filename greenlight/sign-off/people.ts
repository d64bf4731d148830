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
import { sectionOf } from "../stack-file.ts";
import { type Gate, signDecision } from "./gate.ts";

const COMMENT = "signed by a demonstration person, not by a human being";

const role = z.object({ role: z.string(), count: z.number().default(1) });
const asked = z.object({
  signersFile: z.string(),
  before: z.array(role).default([]),
  after: z.array(role).default([]),
});

/** Where demonstration people of a stack keep their keys; undefined where its signers are real ones. */
export type People = { keys: string } | undefined;

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
  return { keys };
}

/** Lets the demonstration people sign go at a gate, those who did not yet. */
export async function signAsPeople({ keys }: { keys: string }, gate: Gate): Promise<void> {
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
