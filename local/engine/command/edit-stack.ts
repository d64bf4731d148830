// What commands that edit a stack's state have in common: its key, its lock, and the journal of a killed run settled first.
import type { Deployment } from "../state/checkpoint.ts";
import { lockStack } from "../state/lock.ts";
import { type OpenStack, openStack, requireStored, settle } from "../state/stack-store.ts";
import type { Call } from "./command.ts";
import { openStackCrypter, type StackContext } from "./context.ts";

/** @param imported opened instead of the stack's own state. @throws Failure when the stack is locked or cannot be opened */
export async function editStack(
  call: Call,
  context: StackContext,
  edit: (stack: OpenStack) => Promise<void>,
  imported?: Deployment,
): Promise<void> {
  const { backend, reference } = context;
  const crypter = await openStackCrypter(context, call);
  const lock = await lockStack(backend, reference);
  try {
    await settle(backend, reference);
    const stored = await requireStored(backend, reference);
    const wanted = imported ? { ...stored, deployment: imported } : stored;
    await edit(await openStack(backend, reference, wanted, crypter, call.environment));
  } finally {
    await lock.release();
  }
}
