// What must be true of the application's secrets once the release uses them.
import { SecretsProof } from "../checks/secrets.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import type { Stack } from "./stack.ts";

/** Closes the logins that a rotation left behind, once everything so far has shown that the release works with the new ones. */
export function closeFormerLogins({ settings, estate, sequence }: Stack): void {
  estate.database?.former(settings.release?.command ? Object.values(sequence.steps).slice(-1) : []);
}

export function secrets(stack: Stack): void {
  const { settings, estate } = stack;
  const { application } = estate;
  if (!settings.secrets || !settings.application || !application) return;
  const { variables, maximumAgeDays, retired, token } = settings.secrets;
  const { generated, provided } = settings.application;
  const addresses = Object.entries(provided).filter(([, what]) => what === "databaseUrl");
  const [databaseVariable] = addresses.map(([variable]) => variable);
  const { certificateFile } = settings.database ?? {};
  stack.sequence.add(SecretsProof, "secrets", {
    secret: application.secretName,
    variables,
    // The database's password is one of those that the stack makes up.
    generated: [...Object.keys(generated), ...addresses.map(([variable]) => variable)],
    maximumAgeDays,
    retired,
    database:
      databaseVariable === undefined
        ? undefined
        : { variable: databaseVariable, caFile: certificateFile && stack.path(certificateFile) },
    token,
    ...stepOptions(settings.secrets),
  });
}
