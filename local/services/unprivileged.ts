// PostgreSQL refuses to run as root. Where the caller is root, the server runs as another user of the machine, and its
// files lie where that user can reach them.

import { stat } from "node:fs/promises";
import { ancestors } from "./layout.ts";
import { runTool } from "./tool.ts";

export interface User {
  name: string;
  uid: number;
  gid: number;
}

/** The user for the server: `postgres`, else `nobody`; undefined where the caller is not root. */
export async function serverUser(): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const uid = await runTool("id", ["-u", name]).catch(() => undefined);
    const gid = await runTool("id", ["-g", name]).catch(() => undefined);
    if (uid !== undefined && gid !== undefined) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'postgresql: refuses to run as root, and there is no user "postgres" or "nobody"; add one, or start as another user',
  );
}

/** Whether `user` may pass through every folder down to `path`, which exists. */
export async function canReach(user: User, path: string): Promise<boolean> {
  for (const folder of ancestors(path)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
  }
  return true;
}
