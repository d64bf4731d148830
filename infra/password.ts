// A password that the stack makes up once and keeps until somebody asks for another one.
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

export interface PasswordArgs {
  /** Letters and digits, which no shell or address has to escape. */
  length: number;
  /** Raised by one, it makes a new password. @default 1 */
  generation?: number;
}

/** The password, secret. */
export function makePassword(
  name: string,
  { length, generation = 1 }: PasswordArgs,
  parent: pulumi.Resource | undefined,
): pulumi.Output<string> {
  // The first generation has no keeper, so that passwords that exist stay.
  const keepers = generation === 1 ? undefined : { generation: String(generation) };
  return new random.RandomPassword(name, { length, special: false, keepers }, { parent }).result;
}
