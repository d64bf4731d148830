// Arithmetic on IPv4 ranges.

/**
 * The two halves of a range, e.g. `10.20.0.0/25` and `10.20.0.128/25` of `10.20.0.0/24`.
 * @throws when the range does not begin at its own first address or is too small for AWS (halves of /17 to /28)
 */
export function halves(cidrBlock: string): [string, string] {
  const { bits, first, size } = partsOf(cidrBlock);
  if (!(bits >= 16 && bits <= 27))
    throw new Error(`cidrBlock must have a length from /16 to /27, got ${cidrBlock}`);
  if (first % size !== 0)
    throw new Error(
      `cidrBlock must begin at its first address, got ${cidrBlock}, want ${text(first - (first % size))}/${bits}`,
    );
  return [`${text(first)}/${bits + 1}`, `${text(first + size / 2)}/${bits + 1}`];
}

/** The range that begins at its own first address: EC2 takes no other way to write it. */
export function fromFirst(cidrBlock: string): string {
  const { bits, first, size } = partsOf(cidrBlock);
  return `${text(first - (first % size))}/${bits}`;
}

function partsOf(cidrBlock: string): { bits: number; first: number; size: number } {
  const [address = "", length = ""] = cidrBlock.split("/");
  const bits = Number(length);
  const first = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return { bits, first, size: 2 ** (32 - bits) };
}

function text(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
