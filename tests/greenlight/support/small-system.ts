// A small system for whole rollbacks: a database with a flag, a secret, an application that is one file, a site, records. What a
// release is, is data; where it runs is real: PostgreSQL, the AWS emulator, the embedded engine, an HTTP server here.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { stringify } from "yaml";
import { type DeploymentOptions, deploy } from "../../../greenlight/deployment.ts";
import { type Engine, engine } from "../../../greenlight/engine.ts";
import { type RollbackOptions, rollBack } from "../../../greenlight/rollback/run.ts";
import { projectRoot } from "../../../local/services/layout.ts";
import { servicesEnvironment } from "../../../local/services/services.ts";
import type { Report } from "../../../report/report.ts";
import { sharedServices } from "../../support/services.ts";
import { readLive, type World, worldOf } from "./small-world.ts";

/** One release: everything that a rollback has to bring back. */
export interface SmallRelease {
  version: string;
  /** SQL by file. */
  migrations: { [file: string]: string };
  /** Text by path. */
  site: { [path: string]: string };
  /** Value of the application's variable, which is a secret of its own in AWS. */
  setting: string;
  /** Value of the flag after the release; undefined leaves it. */
  flag?: "on" | "off";
  /** What the application's metric `errors` says once it runs, and the one called `queue`. */
  metrics?: { errors?: number; queue?: number };
  /** What the application answers as its version. @default the release's */
  answers?: string;
}

const SALT = "v1:7ey0yjfao2o=:v1:vtmlrwMcVqTuiPFG:DRwfIidQCKyEkWzWyg30lg3m4Wl9zw==";

export class SmallSystem {
  readonly name: string;
  /** Folder of Pulumi.yaml. */
  readonly folder: string;
  readonly environment: { [name: string]: string };
  readonly engine: Engine;
  readonly #server: Server;

  private constructor(
    name: string,
    folder: string,
    environment: { [name: string]: string },
    used: Engine,
    server: Server,
  ) {
    this.name = name;
    this.folder = folder;
    this.environment = environment;
    this.engine = used;
    this.#server = server;
  }

  static async make(label: string): Promise<SmallSystem> {
    const environment = servicesEnvironment(await sharedServices());
    Object.assign(process.env, environment);
    mkdirSync(join(projectRoot, ".greenlight"), { recursive: true });
    const home = mkdtempSync(join(projectRoot, ".greenlight", `${label}-`));
    const live = join(home, "live.json");
    const server = createServer((request, response) => {
      const { version, errors, queue } = readLive(live);
      const text =
        request.url === "/metrics" ? `errors ${errors}\nqueue ${queue}\n` : JSON.stringify({ version });
      response.end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const folder = join(home, "system");
    mkdirSync(folder);
    const name = `${label}-${process.pid % 100_000}`;
    return new SmallSystem(name, folder, environment, await engine("embedded"), server);
  }

  /** What the release command replaces: the running application. */
  get #live(): string {
    return join(this.folder, "..", "live.json");
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get database(): string {
    return this.name.replaceAll("-", "_");
  }

  /** Address of the database as the administrator. */
  get databaseUrl(): string {
    const url = new URL(this.environment.GREENLIGHT_DATABASE_URL ?? "");
    url.pathname = `/${this.database}`;
    return url.href;
  }

  /** Writes the project at a release. @param sections of the settings, instead of the system's own; null for none */
  write(release: SmallRelease, sections: { [name: string]: unknown } = {}): void {
    const { version, migrations, site, metrics, answers = version } = release;
    const application = { version: answers, errors: 0, queue: 0, ...metrics };
    const files: { [path: string]: string } = {
      "Pulumi.yaml": stringify({
        name: this.name,
        runtime: { name: "nodejs", options: { typescript: false } },
        main: "../../..",
      }),
      "Pulumi.local.yaml": `encryptionsalt: ${SALT}\n${stringify({ config: this.#settings(release, sections) })}`,
      "application/application.json": JSON.stringify(application),
      ...Object.fromEntries(Object.entries(migrations).map(([file, sql]) => [`migrations/${file}`, sql])),
      ...Object.fromEntries(Object.entries(site).map(([path, text]) => [`site/${path}`, text])),
    };
    for (const part of ["migrations", "site"])
      rmSync(join(this.folder, part), { recursive: true, force: true });
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), content);
    }
  }

  #settings({ version, setting, flag }: SmallRelease, sections: { [name: string]: unknown }) {
    const place = { table: "flags", keyColumn: "name", key: "orders", column: "value" };
    const measure = (metric: string) => ({ prometheus: { url: `${this.address}/metrics`, metric } });
    return {
      "aws:region": "us-east-1",
      "greenlight:system": { name: this.name, awsAccountId: "123456789012", disposable: true },
      "greenlight:database": { adminUrl: "${GREENLIGHT_DATABASE_URL}", databaseName: this.database },
      "greenlight:migration": { directory: "migrations" },
      "greenlight:application": { environment: { SETTING: setting } },
      "greenlight:release": {
        version,
        command: ["cp", "application/application.json", this.#live],
        contents: ["application"],
        versionUrl: `${this.address}/version`,
        withinSeconds: 2,
        settleSeconds: 0,
      },
      "greenlight:site": { directory: "site", edgeUrl: "${AWS_ENDPOINT_URL}" },
      "greenlight:quiesce": {
        flags: [{ name: "orders", table: place, off: "off", ...(flag === undefined ? {} : { after: flag }) }],
      },
      "greenlight:observation": {
        measures: { errors: measure("errors"), queue: measure("queue") },
        marks: [
          {
            name: "update",
            minutes: 0.02,
            checks: [
              { name: "errors", measure: "errors", maximum: 5, trigger: "immediate" },
              { name: "queue", measure: "queue", maximum: 1000, trigger: "conditional" },
            ],
          },
        ],
        inUpdate: { seconds: 1.3, everySeconds: 0.5 },
      },
      "greenlight:rollback": {
        limitSeconds: 86_400,
        triggers: [{ name: "not-released", when: ["release"] }],
      },
      "greenlight:record": { copies: "../copies" },
      ...Object.fromEntries(
        Object.entries(sections).map(([name, value]) => [`greenlight:${name}`, value ?? undefined]),
      ),
    };
  }

  up(change: Partial<DeploymentOptions> = {}): Promise<Report> {
    return deploy({
      ...this.#target(),
      retry: "pulumi up",
      onPreview: () => {},
      onPlanned: () => true,
      onUpdate: () => {},
      ...change,
    });
  }

  rollBack(change: Partial<RollbackOptions> = {}): Promise<Report | undefined> {
    return rollBack({
      ...this.#target(),
      restoreDatabase: false,
      onPlan: async () => true,
      onUpdate: () => {},
      ...change,
    });
  }

  #target() {
    const { folder: directory, environment } = this;
    return { engine: this.engine, directory, stack: "local", environment };
  }

  stack(): Promise<Stack> {
    return LocalWorkspace.selectStack(
      { stackName: "local", workDir: this.folder },
      { pulumiCommand: this.engine.command, envVars: this.environment },
    );
  }

  /** Everything that a rollback promises to bring back, as it is in the world. */
  async world(): Promise<World> {
    const { deployment } = await (await this.stack()).exportStack();
    return worldOf(deployment, this.databaseUrl, this.#live);
  }

  async destroy(): Promise<void> {
    await (await this.stack()).destroy();
    this.#server.close();
    rmSync(join(this.folder, ".."), { recursive: true });
    for (const left of ["reports", "rollback"])
      rmSync(join(projectRoot, ".greenlight", left, this.name), { recursive: true, force: true });
  }
}

/** Migrations that every release of a test begins with: a table of orders and the flag. */
export const FIRST = {
  "0001_orders.sql":
    "create table orders (id int primary key, note text); insert into orders values (1, 'first'); create table flags (name text primary key, value text not null); insert into flags values ('orders', 'on')",
  "0001_orders.down.sql": "drop table orders; drop table flags",
};
