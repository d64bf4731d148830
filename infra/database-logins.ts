// Logins and their passwords. What the application uses comes in pairs, blue and green: a rotation opens the other one with a
// new password, the release takes it over, and only then is the former one closed. So no moment of an update is without a
// password that works.
import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { makePassword } from "./password.ts";

/** Who connects. */
export interface Login {
  role: { name: pulumi.Output<string> };
  password: pulumi.Output<string>;
}

export interface LoginArgs extends Omit<postgresql.RoleArgs, "name" | "login" | "password"> {
  roleName: pulumi.Input<string>;
  /** Raised, it makes a new password. */
  generation: number;
}

/** A role that logs in with a password of its own. */
export function makeLogin(
  name: string,
  { roleName, generation, ...limits }: LoginArgs,
  options: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): Login {
  const password = makePassword(`${name}-password`, { length: 40, generation }, options.parent);
  const role = new postgresql.Role(name, { name: roleName, login: true, password, ...limits }, options);
  return { role, password };
}

export interface LoginPairArgs extends Omit<LoginArgs, "roleName"> {
  /** Has the privileges, which both logins inherit. Sessions stay those of the login: only so do they see their own state. */
  role: postgresql.Role;
}

/** Two logins of one role, of which odd generations use the blue and even ones the green one. */
export class LoginPair extends pulumi.ComponentResource {
  /** The login of this generation. */
  readonly current: Login;
  readonly #name: string;
  readonly #args: LoginPairArgs;
  readonly #provider: pulumi.ProviderResource;

  /**
   * No part of the database's component: the former login waits for what uses the database, which waits for that component
   * with all its parts.
   */
  constructor(name: string, args: LoginPairArgs, provider: pulumi.ProviderResource) {
    super("greenlight:infra:LoginPair", name);
    this.#name = name;
    this.#args = args;
    this.#provider = provider;
    this.current = this.#login(args.generation);
    this.registerOutputs({});
  }

  /** Names of both logins. */
  get roleNames(): pulumi.Output<string>[] {
    return [1, 2].map((generation) => this.#roleName(generation));
  }

  /** The login of the generation before: closed once all of `after` are there, and left open where there are none. */
  former(after: pulumi.Resource[]): void {
    const former = this.#args.generation - 1;
    if (former < 1) return;
    if (after.length === 0) this.#login(former);
    else
      new postgresql.Role(
        `${this.#name}-${colourOf(former)}`,
        { name: this.#roleName(former), login: false },
        { parent: this, provider: this.#provider, dependsOn: after },
      );
  }

  #login(generation: number): Login {
    const { role, ...limits } = this.#args;
    const roleName = this.#roleName(generation);
    return makeLogin(
      `${this.#name}-${colourOf(generation)}`,
      { ...limits, roles: [role.name], roleName, generation },
      { parent: this, provider: this.#provider },
    );
  }

  #roleName(generation: number): pulumi.Output<string> {
    return this.#args.role.name.apply((name) => `${name}_${colourOf(generation)}`);
  }
}

function colourOf(generation: number): "blue" | "green" {
  return generation % 2 === 1 ? "blue" : "green";
}
