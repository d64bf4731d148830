// Brings an existing object in by its id: reads it, lets the provider check the program's inputs, and compares.
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";

/** Fills in the state as it was found. @throws when there is no such object or its provider tells no inputs */
export async function applyImport(step: Step, deployment: Deployment): Promise<void> {
  const next = step.new;
  if (!next?.importID) throw new Error(`step "${step.op} ${step.urn}": lacks the id to import`);
  const provider = await deployment.providerFor(next);
  if (!provider) throw new Error(`resource "${step.urn}": has no provider to import it with`);
  const id = next.importID;
  const found = await provider.read({ ...next, id }, {}, {});
  if (!found.outputs || !found.id) throw new Error(`resource '${id}' does not exist`);
  if (!found.inputs)
    throw new Error(`provider does not support importing resources; please try updating the plugin`);
  next.id = found.id;
  next.inputs = found.inputs;
  next.outputs = found.outputs;
  next.created = deployment.now();
  next.modified = next.created;
  if (step.op === "import-replacement" && step.old) step.old.delete = true;
}
