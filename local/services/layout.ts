// Where everything of one set of local services lies. Pure paths: nothing is made or read here.

import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** The clone of this project. */
export const projectRoot = resolve(import.meta.dirname, "../..");

/** Absolute paths of one set of services. */
export interface Layout {
  /** The ignored folder that holds everything below, by default `<project>/.greenlight`. */
  root: string;
  /** Records, data and logs of the services. */
  local: string;
  /** Ports, credentials and processes (mode 0600). */
  recordFile: string;
  lockFile: string;
  logs: string;
  certificates: string;
  valkey: string;
  aws: string;
  sink: string;
  /** Pulumi's `file://` backend, used by both engines. */
  state: string;
  passphraseFile: string;
  /** Demonstration people: their keys and what they signed. */
  people: string;
  /** Repositories of demonstration, one for each example that asks for one. */
  repositories: string;
  /** pm2's home. Elsewhere when the path is too long for the sockets that pm2 makes in it. */
  pm2Home: string;
  /** The application that ran at the last stop, without its environment. */
  applicationFile: string;
}

/** The socket address of a Unix domain socket holds 104 bytes on macOS and 108 on Linux. */
const SOCKET_PATH_BYTES = 103;

/** The paths below `root`. */
export function layoutOf(root: string): Layout {
  const local = join(root, "local");
  const pm2Home = join(local, "pm2");
  const fits = Buffer.byteLength(join(pm2Home, "interactor.sock")) <= SOCKET_PATH_BYTES;
  return {
    root,
    local,
    recordFile: join(local, "services.json"),
    lockFile: join(local, "services.lock"),
    logs: join(local, "logs"),
    certificates: join(local, "certificates"),
    valkey: join(local, "valkey"),
    aws: join(local, "aws"),
    sink: join(local, "sink"),
    state: join(root, "state"),
    passphraseFile: join(local, "passphrase"),
    people: join(local, "people"),
    repositories: join(local, "repositories"),
    pm2Home: fits ? pm2Home : join(tmpdir(), `greenlight-pm2-${shortHash(root)}`),
    applicationFile: join(local, "application.json"),
  };
}

/** Twelve hexadecimal digits that tell one folder from another. */
export function shortHash(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 12);
}

/** The virtual environment, one for all sets of services of a clone. */
export const venvFolder = join(projectRoot, ".greenlight", "venv");

/** All folders from `/` down to `path`, for permission questions. */
export function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...ancestors(parent), path];
}
