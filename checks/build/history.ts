// Every version of every file that a repository holds, looked through for secrets: what was taken out of a file later is still
// there for whoever has the repository.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import type { BuildInputs } from "../build.ts";
import { type Observation, observe } from "../step/definition.ts";
import { findPatterns, findValues, LARGEST_BYTES, shown, textIn } from "./tree.ts";

type Scan = NonNullable<BuildInputs["scan"]>;

const MOST_OUTPUT = 256 * 1024 * 1024;

/** Observation `git-history`. @param git arguments that name the repository, e.g. `["-C", "app"]` */
export async function judgeHistory(
  git: string[],
  { accepted, values }: Pick<Scan, "accepted" | "values">,
  signal: AbortSignal,
): Promise<Observation> {
  const options = { signal, maxBuffer: MOST_OUTPUT };
  const run = async (...args: string[]) =>
    (await promisify(execFile)("git", [...git, ...args], options)).stdout.trim();
  const commits = Number(await run("rev-list", "--all", "--count"));
  const expected = "no secret in git, in no version of any file";
  // As CI checks out by default: what came before is not there to be looked at.
  if ((await run("rev-parse", "--is-shallow-repository")) === "true") {
    const observed = `a shallow checkout of ${commits} commits; get the others: git fetch --unshallow`;
    return { id: "git-history", result: "inconclusive", expected, observed };
  }
  const names = new Map(
    (await run("rev-list", "--objects", "--all")).split("\n").flatMap((line): [string, string][] => {
      const [, id, path] = /^(\w+) (.+)$/.exec(line) ?? [];
      return id === undefined || path === undefined ? [] : [[id, path]];
    }),
  );
  const versions = await versionsOf(git, names, signal);
  const files = versions.flatMap(({ path, bytes }) => {
    const text = bytes.length <= LARGEST_BYTES ? textIn(bytes) : undefined;
    return text === undefined ? [] : [{ path, text }];
  });
  const patterns = await findPatterns(files, accepted);
  const found = [...patterns.open, ...findValues(versions, values)];
  const others = patterns.accepted > 0 ? `, ${patterns.accepted} accepted` : "";
  return observe(
    "git-history",
    found.length === 0 && versions.length > 0,
    expected,
    found.length === 0
      ? `none in ${versions.length} versions of files, ${commits} commits${others}`
      : shown(found),
  );
}

interface Version {
  path: string;
  bytes: Buffer;
}

/** The files among the objects, by `git cat-file --batch`: one process for all of them. */
async function versionsOf(
  git: string[],
  names: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Version[]> {
  const child = spawn("git", [...git, "cat-file", "--batch"], { signal, stdio: ["pipe", "pipe", "ignore"] });
  // It may end before it has read all names, as at the deadline: its exit says what came of it.
  child.stdin.on("error", () => undefined);
  child.stdin.end([...names.keys()].map((id) => `${id}\n`).join(""));
  // Both are waited for at once: a rejection that nobody waits for yet would end this process.
  const [chunks, [exitCode]] = await Promise.all([child.stdout.toArray(), once(child, "close")]);
  if (exitCode !== 0) throw new Error(`git cat-file: exit ${exitCode}, want every version of every file`);
  return filesIn(Buffer.concat(chunks), names);
}

/** Reads `ID TYPE SIZE\nCONTENT\n` again and again. */
function filesIn(output: Buffer, names: ReadonlyMap<string, string>): Version[] {
  const files: Version[] = [];
  for (let at = 0; at < output.length; ) {
    const line = output.indexOf(10, at);
    const [id = "", type, size] = output.toString("utf8", at, line).split(" ");
    const bytes = output.subarray(line + 1, line + 1 + Number(size));
    at = line + 1 + Number(size) + 1;
    if (type === "blob") files.push({ path: names.get(id) ?? id, bytes });
  }
  return files;
}
