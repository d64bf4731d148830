// The command line as a process of its own, as people run it; where wanted, with a folder that lies on a disk with no space left.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { userInfo } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../../local/services/layout.ts";

export interface Ended {
  code: number | null;
  /** What it wrote, to standard output and standard error. */
  text: string;
}
export interface Command {
  pid: number;
  ended: Promise<Ended>;
}

/** A folder that is a file system of its own for this process, of so many bytes. */
export interface SmallDisk {
  folder: string;
  bytes: number;
}

/** Why a process here cannot have a file system of its own; undefined where it can. */
export function noSmallDisk(): string | undefined {
  const script = "mount -t tmpfs none /mnt && exec unshare --user --map-user=0 true";
  const { status, error, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", script], { encoding: "utf8" });
  return status === 0 ? undefined : `unshare: ${error?.message ?? stderr.trim()}`;
}

/** Starts `greenlight` with these arguments. @param environment above this process's own */
export function startCommand(
  args: string[],
  environment: { [name: string]: string } = {},
  disk?: SmallDisk,
): Command {
  const greenlight = [join(projectRoot, "greenlight", "bin", "greenlight"), ...args];
  // The kernel rounds up to whole pages. Only root may mount, and afterwards the user is who it was: locks know their owners.
  const { uid, gid } = userInfo();
  const asBefore = `unshare --user --map-user=${uid} --map-group=${gid}`;
  const script = `mount -t tmpfs -o size=${disk?.bytes} none "$0" && exec ${asBefore} "$@"`;
  const [program = "", ...rest] = disk
    ? ["unshare", "-rm", "sh", "-c", script, disk.folder, ...greenlight]
    : greenlight;
  const child = spawn(program, rest, {
    cwd: projectRoot,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  const ended = once(child, "close").then(([code]: (number | null)[]) => ({ code: code ?? null, text }));
  return { pid: child.pid ?? 0, ended };
}
