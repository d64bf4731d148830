// A folder for archives, which are plain rows: only this user can read it, and it is removed afterwards.
import { mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning } from "../running.ts";

const FOLDER = "greenlight-restore-";
const SPARE_BYTES = 256 * 1024 * 1024;

/** Runs `use` with a folder; what a killed run left of one goes before. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER}${process.pid}-`));
  try {
    await requireSpace(folder);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER) || isRunning(Number(name.slice(FOLDER.length).split("-")[0]))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch((error: unknown) => {
      // Another user's is for that user to remove.
      if (!(error instanceof Error && "code" in error && ["EACCES", "EPERM"].includes(String(error.code))))
        throw error;
    });
  }
}

/** As much as the largest head takes. */
async function requireSpace(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= SPARE_BYTES) return;
  const mib = (bytes: number) => Math.floor(bytes / 1024 / 1024);
  throw new Error(
    `restore drill: ${mib(freeBytes)} MiB free in ${folder}, want ${mib(SPARE_BYTES)} MiB; free space or set TMPDIR`,
  );
}
