// A folder for files that are written for people. Node's own `mkdir` with `recursive` never ends where a file system makes no folders
// and says ENOENT of it, as /proc does.
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Makes the folder and those above it where they are missing. @throws with the system's code */
export async function makeFolder(folder: string): Promise<void> {
  const path = resolve(folder);
  try {
    await mkdir(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST" && (await isFolder(path))) return;
    if (code !== "ENOENT" || (await isFolder(dirname(path)))) throw error;
    await makeFolder(dirname(path));
    await makeFolder(path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
