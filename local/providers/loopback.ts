// The rule that keeps local providers on this machine. Said once, applied wherever an address is about to be used.

import { isIP } from "node:net";

/** Why an address or a missing one is refused, and what to do instead. */
export const OUTSIDE = "the embedded engine changes nothing outside this machine; use the Pulumi CLI";

/** True for `localhost`, 127.0.0.0/8, ::1 (bracketed or not) and absolute socket directories. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host.startsWith("/")) return true;
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) === 4) return address.startsWith("127.");
  return isIP(address) === 6 && (address === "::1" || address.startsWith("::ffff:127."));
}
