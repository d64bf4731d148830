// Seeds for names and passwords that providers make: 32 bytes for each registration, drawn from the system in batches.

const SEED_BYTES = 32;
const pool = new Uint8Array(SEED_BYTES * 128);
let used = pool.length;

/** Fresh random bytes; never the same twice. */
export function freshSeed(): Uint8Array {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const seed = pool.slice(used, used + SEED_BYTES);
  used += SEED_BYTES;
  return seed;
}
