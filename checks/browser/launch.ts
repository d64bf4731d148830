// A headless Chrome or Chromium of this machine, or the one that an npm package carries for Linux.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Browser } from "puppeteer-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

interface Program {
  path: string;
  args: string[];
}

/** @throws with the reason when none can be started */
export async function launch(executable: string | undefined): Promise<Browser> {
  const { default: puppeteer } = await import("puppeteer-core");
  const { path, args } = await programOf(executable);
  // Its sandbox needs namespaces that root and most containers do not have; it opens only the pages of the stack.
  const isRoot = process.getuid?.() === 0;
  return puppeteer.launch({
    executablePath: path,
    args: [...args, "--disable-dev-shm-usage", ...(isRoot ? ["--no-sandbox"] : [])],
    headless: "shell",
    timeout: 60_000,
  });
}

async function programOf(executable: string | undefined): Promise<Program> {
  const found = executable ?? process.env.CHROME_PATH ?? onPath();
  if (found !== undefined) return { path: found, args: [] };
  const packaged = await import("@sparticuz/chromium").catch(() => undefined);
  if (packaged === undefined || process.platform !== "linux" || process.arch !== "x64")
    throw new Error("no Chromium on PATH; install one or name it in executable");
  return { path: await packaged.default.executablePath(), args: packaged.default.args };
}

function onPath(): string | undefined {
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
