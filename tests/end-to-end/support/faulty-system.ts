// A deployed system that is made wrong in one way at a time. The steps that look at what is wrong are run again in this process,
// with the inputs that the stack's state holds for them; everything else stays as it was proven. So a fault costs what its steps
// take, and not an update.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import tls from "node:tls";
import { promisify } from "node:util";
import type { QueryResult } from "pg";
import { z } from "zod";
import { withDatabase } from "../../../checks/database.ts";
import { openRedis } from "../../../checks/redis-client.ts";
import { execute } from "../../../checks/step/host.ts";
import { projectRoot } from "../../../local/services/layout.ts";
import { judge, type Verdict } from "../../../report/checklist.ts";
import type { StepReport } from "../../../report/steps.ts";
import type { DeployedSystem, Environment } from "./deployed-system.ts";
import type { Fault, FaultList, Running, Undo } from "./fault.ts";
import { withPatience } from "./patience.ts";
import { type Inputs, type StoredStep, storedSteps } from "./step-inputs.ts";

const release = z.object({ environment: z.record(z.string(), z.string()).default({}) });

const logs = z.looseObject({ sources: z.array(z.looseObject({ file: z.string().optional() })).optional() });

export class FaultySystem {
  readonly deployed: DeployedSystem;
  /** Variables of the services and their credentials. */
  readonly environment: Environment;
  /** A folder for what a fault writes. */
  readonly scratch: string;
  /** What the release gives to the application's environment. */
  readonly variables: Environment;
  readonly #list: FaultList;
  readonly #steps: Map<string, StoredStep>;
  readonly #changes = new Map<string, (inputs: Inputs) => Inputs>();
  #running: Running | undefined;
  #copy: string | undefined;
  #seen: StepReport[] = [];

  private constructor(
    deployed: DeployedSystem,
    list: FaultList,
    steps: Map<string, StoredStep>,
    scratch: string,
  ) {
    this.deployed = deployed;
    this.environment = deployed.environment;
    this.scratch = scratch;
    this.#list = list;
    this.#steps = steps;
    this.variables = release.parse(steps.get("release")?.inputs).environment;
  }

  /** Takes the place of the deployed application, which is stopped: its switches can then be turned without a release. */
  static async of(deployed: DeployedSystem, list: FaultList): Promise<FaultySystem> {
    // What a check finds in its environment when the engine runs it.
    Object.assign(process.env, deployed.environment);
    const authority = await readFile(deployed.environment.GREENLIGHT_CA_FILE ?? "", "utf8");
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), authority]);
    const scratch = await mkdtemp(join(tmpdir(), "greenlight-faults-"));
    const steps = storedSteps(await deployed.exported());
    const system = new FaultySystem(deployed, list, steps, scratch);
    await system.#stopDeployed();
    await system.start();
    return system;
  }

  /** The boxes that were settled by the deployment, or good so far, and are not with this fault. */
  async lostBy(fault: { steps: readonly string[]; apply: Fault["apply"] }): Promise<string[]> {
    const restoreLogs = await this.#keepLogs();
    const undo = await fault.apply(this);
    try {
      return await this.lostNow(fault.steps);
    } finally {
      await undo();
      await restoreLogs();
    }
  }

  /** The same, when these steps run now, in this order. */
  async lostNow(names: readonly string[]): Promise<string[]> {
    const { checklist } = this.deployed;
    const before = this.deployed.proven();
    const seen: StepReport[] = [];
    this.#seen = seen;
    await this.#forgetRequests();
    // A release starts the application as it was deployed, on the port that this process's own has.
    const releases = names.includes("release");
    if (releases) await this.stop();
    for (const name of names) seen.push(await this.run(name));
    if (releases) {
      await this.#stopDeployed();
      await this.start();
    }
    const now = before.steps.map((one) => seen.find(({ name }) => name === one.name) ?? one);
    const judged = judge(checklist, now, new Date().toISOString().slice(0, 10));
    const verdicts = new Map(judged.map(({ id, verdict }) => [id, verdict]));
    const boxes = before.checklist?.boxes ?? [];
    return boxes.filter(({ id, verdict }) => isLost(verdict, verdicts.get(id))).map(({ id }) => id);
  }

  /** The observations of the last look that failed, e.g. `smoke#login-right`. */
  failed(): string[] {
    return this.#seen.flatMap(({ name, observations }) =>
      observations.filter(({ result }) => result === "failed").map(({ id }) => `${name}#${id}`),
    );
  }

  /** Runs a step again, as the deployment ran it. */
  async run(name: string): Promise<StepReport> {
    const stored = this.#steps.get(name);
    if (stored === undefined)
      throw new Error(`step "${name}": not of this stack; it has ${[...this.#steps.keys()].join(", ")}`);
    const changed = this.#changes.get(name)?.(stored.inputs) ?? stored.inputs;
    const inputs = await withPatience(this.#inCopy(changed), this.deployed.first, this.scratch);
    // All that was seen is wanted, not the first failure's message, and nobody is told of it.
    const { outs } = await execute(
      { ...inputs, enforcement: "advisory", onFailure: [] },
      name,
      stored.outputs,
    );
    return outs;
  }

  /** The inputs with which a step was deployed. */
  inputsOf(step: string): Inputs {
    return this.#steps.get(step)?.inputs ?? {};
  }

  /** The settings of a step say something else. */
  settings(step: string, change: (inputs: Inputs) => Inputs): Undo {
    this.#changes.set(step, change);
    return () => this.#changes.delete(step);
  }

  /** Starts the application; `changes` are variables of its environment, e.g. `{ FAULTS: "slow" }`. */
  async start(changes: Environment = {}): Promise<void> {
    await this.stop();
    const own = { NODE_ENV: "production", FAULTS: "", ...changes };
    this.#running = await this.#list.start({ ...this.environment, ...this.variables, ...own });
  }

  /** Stops the application: nothing answers. */
  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Statements as the administrator of the system's database; the rows of the last one. */
  async sql(statements: string): Promise<{ [column: string]: unknown }[]> {
    const url = new URL(this.environment.GREENLIGHT_DATABASE_URL ?? "");
    url.pathname = `/${this.deployed.addresses.database}`;
    const session = { application: "faults", signal: new AbortController().signal };
    return withDatabase(url.href, session, async (client) => {
      const result: QueryResult | QueryResult[] = await client.query(statements);
      return [result].flat().at(-1)?.rows ?? [];
    });
  }

  /** A copy of the system's folder that the steps read from now on, until it is taken away. */
  async copy(): Promise<{ folder: string; remove: Undo }> {
    const examples = dirname(this.deployed.directory);
    const root = await mkdtemp(join(this.scratch, "copy-"));
    const beside = join(root, basename(examples));
    await mkdir(beside);
    // Documents link to those of the project and of the other systems.
    await linkAll(dirname(examples), root, basename(examples));
    await linkAll(examples, beside, basename(this.deployed.directory));
    const folder = join(beside, basename(this.deployed.directory));
    await cp(this.deployed.directory, folder, { recursive: true });
    this.#copy = folder;
    const remove = async () => {
      this.#copy = undefined;
      await rm(root, { recursive: true });
    };
    return { folder, remove };
  }

  async end(): Promise<void> {
    await this.stop();
    await rm(this.scratch, { recursive: true, force: true });
  }

  /** What an application that is wrong wrote to its logs is no line of the right one's. */
  async #keepLogs(): Promise<Undo> {
    const { sources = [] } = logs.parse(this.inputsOf("logs"));
    const files = sources.flatMap(({ file }) => (file === undefined || file.includes("*") ? [] : [file]));
    const sizes = await Promise.all(files.map(async (file) => [file, (await stat(file)).size] as const));
    return () => Promise.all(sizes.map(([file, size]) => truncate(file, size)));
  }

  /** Looks follow each other more closely than releases do: what one asked is not held against the next as too many requests. */
  async #forgetRequests(): Promise<void> {
    const { GREENLIGHT_REDIS_URL = "", GREENLIGHT_CA_FILE: caFile } = this.environment;
    const redis = await openRedis(GREENLIGHT_REDIS_URL, { caFile, signal: AbortSignal.timeout(60_000) });
    try {
      const keys = z.array(z.string()).parse(await redis.send(["KEYS", "*:rate:*"]));
      if (keys.length > 0) await redis.send(["DEL", ...keys]);
    } finally {
      redis.close();
    }
  }

  /** Stops the application as pm2 runs it, which holds the port on which this process's own shall answer. */
  async #stopDeployed(): Promise<void> {
    const options = { cwd: this.deployed.directory, env: { ...this.environment, HOME: process.env.HOME } };
    await promisify(execFile)(process.execPath, ["application/stop-release.ts"], options);
  }

  /** Paths are relative to the program's folder, or absolute. */
  #inCopy(inputs: Inputs): Inputs {
    const copy = this.#copy;
    if (copy === undefined) return inputs;
    const { directory } = this.deployed;
    const moved = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(moved);
      if (value !== null && typeof value === "object")
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, moved(item)]));
      if (typeof value !== "string") return value;
      const from = [directory, relative(projectRoot, directory)].find(
        (folder) => value === folder || value.startsWith(`${folder}/`),
      );
      return from === undefined ? value : `${copy}${value.slice(from.length)}`;
    };
    return z.record(z.string(), z.unknown()).parse(moved(inputs));
  }
}

/** Settled and not settled any more; or good so far, and not even that. */
function isLost(before: Verdict, now: Verdict | undefined): boolean {
  if (before === "open") return false;
  return now === "open" || now === undefined || (now === "pending" && before !== "pending");
}

/** What stands in the one folder is found in the other one, too, but for one name. */
async function linkAll(from: string, to: string, except: string): Promise<void> {
  for (const name of (await readdir(from)).filter((one) => one !== except))
    await symlink(join(from, name), join(to, name));
}
