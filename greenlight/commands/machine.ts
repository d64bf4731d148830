// What `greenlight doctor` looks at. Each finding is one observation; nothing is installed or changed.

import { readdir, statfs } from "node:fs/promises";
import { projectRoot } from "../../local/services/layout.ts";
import { chooseFreePort } from "../../local/services/ports.ts";
import { findPostgresql } from "../../local/services/postgresql-binaries.ts";
import { findPython, venvPython } from "../../local/services/python.ts";
import { findOnPath, isExecutable, runTool } from "../../local/services/tool.ts";
import { serverUser } from "../../local/services/unprivileged.ts";
import { findValkey } from "../../local/services/valkey.ts";

export interface Finding {
  subject: string;
  /** `optional`: absent, and a local stack works without it. */
  result: "ok" | "optional" | "missing";
  found: string;
  /** What to do about it. */
  remedy?: string;
}

const NEEDED_GIB = 3;

/** All findings, in the order in which a newcomer needs them. */
export function examineMachine(): Promise<Finding[]> {
  return Promise.all([
    system(),
    node(),
    npm(),
    python(),
    postgresql(),
    postgresqlUser(),
    valkey(),
    disk(),
    ports(),
    pulumi(),
    sshKeygen(),
  ]);
}

async function system(): Promise<Finding> {
  const found = `${process.platform} ${process.arch}`;
  if (process.platform !== "win32") return { subject: "system", result: "ok", found };
  const remedy = "the local services run on Linux and macOS: use WSL";
  return { subject: "system", result: "missing", found, remedy };
}

async function node(): Promise<Finding> {
  const packages = await readdir(`${projectRoot}/node_modules`).catch(() => []);
  const subject = "node";
  if (packages.length === 0)
    return { subject, result: "missing", found: "packages not installed", remedy: "run npm ci" };
  return { subject, result: "ok", found: `${process.version}, the project's own` };
}

async function npm(): Promise<Finding> {
  const file = await findOnPath("npm");
  if (file === undefined) {
    const remedy = "install Node from nodejs.org; Pulumi's dynamic providers need npm, not pnpm or Bun";
    return { subject: "npm", result: "missing", found: "not on PATH", remedy };
  }
  const version = await runTool(file, ["--version"], { cwd: projectRoot }).catch(() => undefined);
  if (version === undefined) {
    const remedy =
      "repair it, or put another one in front of it on PATH: Pulumi's dynamic providers need npm";
    return { subject: "npm", result: "missing", found: `${file} does not run`, remedy };
  }
  return { subject: "npm", result: "ok", found: version.trim() };
}

async function python(): Promise<Finding> {
  const subject = "python";
  if (await isExecutable(venvPython)) {
    const version = await runTool(venvPython, ["--version"]);
    return { subject, result: "ok", found: `${version.trim()}, virtual environment made` };
  }
  const found = await findPython();
  if (found === undefined) {
    const remedy =
      "the AWS emulator needs it: apt install python3 python3-venv, dnf install python3, brew install python";
    return { subject, result: "missing", found: "no 3.10 or later on PATH", remedy };
  }
  const canBootstrap = await runTool(found.file, ["-I", "-c", "import venv, ensurepip"]).then(
    () => true,
    () => false,
  );
  if (canBootstrap) return { subject, result: "ok", found: `${found.version} with venv` };
  const hasPip = await runTool(found.file, ["-m", "pip", "--version"]).then(
    () => true,
    () => false,
  );
  if (hasPip) return { subject, result: "ok", found: `${found.version} with pip` };
  return {
    subject,
    result: "missing",
    found: `${found.version} without venv`,
    remedy: "apt install python3-venv",
  };
}

async function postgresql(): Promise<Finding> {
  const found = await findPostgresql();
  if (found !== undefined)
    return { subject: "postgresql", result: "ok", found: `${found.version} in ${found.bin}` };
  return {
    subject: "postgresql",
    result: "optional",
    found: "no server and client tools of version 14 or later",
    remedy: "the pinned PostgreSQL 17 wheel is installed at the first start",
  };
}

async function postgresqlUser(): Promise<Finding> {
  const subject = "server user";
  try {
    const user = await serverUser();
    return {
      subject,
      result: "ok",
      found: user === undefined ? "you" : `${user.name}, as PostgreSQL refuses root`,
    };
  } catch (error) {
    return {
      subject,
      result: "missing",
      found: (error as Error).message,
      remedy: "useradd --system postgres",
    };
  }
}

async function valkey(): Promise<Finding> {
  const file = await findValkey();
  if (file !== undefined) return { subject: "valkey", result: "ok", found: file };
  return {
    subject: "valkey",
    result: "optional",
    found: "no valkey-server or redis-server on PATH",
    remedy: "the pinned Valkey 9 wheel is installed at the first start",
  };
}

async function disk(): Promise<Finding> {
  const { bavail, bsize } = await statfs(projectRoot);
  const freeGib = (bavail * bsize) / 2 ** 30;
  const found = `${freeGib.toFixed(1)} GiB free`;
  if (freeGib >= NEEDED_GIB) return { subject: "disk", result: "ok", found };
  return {
    subject: "disk",
    result: "missing",
    found,
    remedy: `free at least ${NEEDED_GIB} GiB where the clone lies`,
  };
}

async function ports(): Promise<Finding> {
  const port = await chooseFreePort(new Set());
  return { subject: "ports", result: "ok", found: `127.0.0.1 takes listeners, e.g. on ${port}` };
}

async function pulumi(): Promise<Finding> {
  const file = await findOnPath("pulumi");
  // `greenlight local env` puts the embedded engine on PATH.
  if (file === undefined || file.startsWith(projectRoot)) {
    const remedy =
      "local stacks run on the embedded engine; for real environments: https://www.pulumi.com/docs/install/";
    return { subject: "pulumi", result: "optional", found: "not on PATH", remedy };
  }
  const version = await runTool(file, ["version"]).catch(() => "does not run");
  return { subject: "pulumi", result: "ok", found: `${version.trim()} in ${file}` };
}

async function sshKeygen(): Promise<Finding> {
  const file = await findOnPath("ssh-keygen");
  if (file !== undefined) return { subject: "ssh-keygen", result: "ok", found: file };
  const remedy = "only sign-offs with SSH keys need it: apt install openssh-client";
  return { subject: "ssh-keygen", result: "optional", found: "not on PATH", remedy };
}
