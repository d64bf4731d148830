// A copy of the program with a stack of its own, run by the embedded engine on the test run's services.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const run = promisify(execFile);

/** The program with one stack, `test`. */
export class Program {
  readonly directory: string;
  readonly #environment: { [name: string]: string };

  private constructor(directory: string, environment: { [name: string]: string }) {
    this.directory = directory;
    this.#environment = environment;
  }

  /** @param stackFile the text of Pulumi.test.yaml */
  static async with(stackFile: string, environment: { [name: string]: string }): Promise<Program> {
    const directory = await mkdtemp(join(tmpdir(), "greenlight-program-"));
    for (const part of [
      "index.ts",
      "package.json",
      "Pulumi.yaml",
      "infra",
      "checks",
      "deployment",
      "agent",
      "report",
    ])
      await cp(join(root, part), join(directory, part), { recursive: true });
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    await mkdir(join(directory, "state"));
    await mkdir(join(directory, "site"));
    await writeFile(join(directory, "site/index.html"), "<!doctype html><title>orders</title>");
    const program = new Program(directory, environment);
    await program.pulumi(["stack", "init", "test"]);
    await writeFile(join(directory, "Pulumi.test.yaml"), stackFile);
    return program;
  }

  /** What the command prints. @throws when it fails, with its output */
  async pulumi(args: string[], environment: { [name: string]: string } = {}): Promise<string> {
    const env = {
      PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
      HOME: this.directory,
      PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      ...this.#environment,
      ...environment,
    };
    const options = { cwd: this.directory, env, maxBuffer: 64 * 1024 * 1024 };
    try {
      const { stdout } = await run(join(root, "local/engine/bin/pulumi"), args, options);
      return stdout;
    } catch (error) {
      const said = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
      throw new Error(`pulumi ${args.join(" ")} failed:\n${said.slice(-4000)}`, { cause: error });
    }
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
