// A tar file exactly as Pulumi's engine lays one out for hashing: USTAR headers, mode 0600, owner and times zero.
import { unsupported } from "./diagnostics.ts";

const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;

/** @throws for names that USTAR cannot hold: not ASCII, or too long */
export function tarFile(members: { name: string; content: Uint8Array }[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const { name, content } of members) {
    blocks.push(header(name, content.byteLength), content);
    const rest = content.byteLength % BLOCK_BYTES;
    if (rest > 0) blocks.push(new Uint8Array(BLOCK_BYTES - rest));
  }
  blocks.push(new Uint8Array(2 * BLOCK_BYTES));
  return Buffer.concat(blocks);
}

function header(name: string, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES);
  const [prefix, short] = splitName(name);
  block.write(short, 0, NAME_BYTES, "latin1");
  block.write(octal(0o600, 8), 100, "latin1");
  block.write(octal(0, 8), 108, "latin1");
  block.write(octal(0, 8), 116, "latin1");
  block.write(octal(size, 12), 124, "latin1");
  block.write(octal(0, 12), 136, "latin1");
  block.write("        ", 148, "latin1");
  block.write(name.endsWith("/") ? "5" : "0", 156, "latin1");
  block.write("ustar\0" + "00", 257, "latin1");
  block.write(octal(0, 8), 329, "latin1");
  block.write(octal(0, 8), 337, "latin1");
  block.write(prefix, 345, PREFIX_BYTES, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}

/** A long name is split at a slash into prefix and name. */
function splitName(name: string): [string, string] {
  if (/^[\x20-\x7e]*$/.test(name)) {
    if (name.length <= NAME_BYTES) return ["", name];
    const end = Math.min(name.length - 1, PREFIX_BYTES + 1);
    const slash = name.lastIndexOf("/", name.endsWith("/") ? end - 1 : end);
    const rest = name.slice(slash + 1);
    if (slash > 0 && slash <= PREFIX_BYTES && rest !== "" && rest.length <= NAME_BYTES) {
      return [name.slice(0, slash), rest];
    }
  }
  throw unsupported(`archive member "${name}": names that are long or not ASCII`);
}
