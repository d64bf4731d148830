// Secrets inside property values: opened when a checkpoint is read, sealed when it is written.
// A secret that did not change keeps its ciphertext, so that a state file changes only where the stack did.
import { SECRET, SIGNATURE, type Value } from "../types.ts";
import { Failure } from "./failure.ts";
import type { Crypter } from "./passphrase.ts";

const FLOAT = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c";

type Seal = (plaintext: string, place: string) => { [key: string]: Value };

/** Values of one stack between memory (`value`) and disk (`ciphertext`). */
export class SecretStore {
  readonly #crypter: Crypter;
  readonly #known = new Map<string, { plaintext: string; ciphertext: string }>();

  constructor(crypter: Crypter) {
    this.#crypter = crypter;
  }

  get salt(): string {
    return this.#crypter.salt;
  }

  /** Disk to memory. `place` identifies the value in its stack, e.g. `<urn> inputs`. */
  open(value: Value, place: string): Value {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((element, index) => this.open(element, `${place}/${index}`));
    if (value[SIGNATURE] === SECRET) return this.#openSecret(value, place);
    if (value[SIGNATURE] === FLOAT && typeof value.value === "string") return openFloat(value.value);
    return mapEntries(value, (element, key) => this.open(element, `${place}/${key}`));
  }

  /** Memory to disk. */
  seal(value: Value, place: string): Value {
    return render(value, place, this.#seal);
  }

  /** Memory to the text of `stack export --show-secrets`. */
  static show(value: Value): Value {
    return render(value, "", (plaintext) => ({ [SIGNATURE]: SECRET, plaintext }));
  }

  #seal: Seal = (plaintext, place) => {
    const known = this.#known.get(place);
    if (known?.plaintext === plaintext) return { [SIGNATURE]: SECRET, ciphertext: known.ciphertext };
    const ciphertext = this.#crypter.encrypt(plaintext);
    this.#known.set(place, { plaintext, ciphertext });
    return { [SIGNATURE]: SECRET, ciphertext };
  };

  #openSecret(value: { [key: string]: Value }, place: string): Value {
    const { ciphertext, plaintext } = value;
    let text: string;
    if (typeof ciphertext === "string") {
      text = this.#crypter.decrypt(ciphertext);
      this.#known.set(place, { plaintext: text, ciphertext });
    } else if (typeof plaintext === "string") {
      text = plaintext;
    } else {
      throw new Failure(
        `state: the secret at ${place} has neither ciphertext nor plaintext; restore a backup`,
      );
    }
    try {
      return { [SIGNATURE]: SECRET, value: this.open(JSON.parse(text), place) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new Failure(`state: the secret at ${place} is not JSON text; restore a backup`);
    }
  }
}

/** Replaces every secret by `replacement(value)`; everything else stays as it is. */
export function mapSecrets(value: Value, replacement: (value: Value) => Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => mapSecrets(element, replacement));
  if (value[SIGNATURE] === SECRET) return replacement(value.value ?? null);
  return mapEntries(value, (element) => mapSecrets(element, replacement));
}

/** The value without its secret marks, at any depth. */
export function reveal(value: Value): Value {
  return mapSecrets(value, reveal);
}

function render(value: Value, place: string, seal: Seal): Value {
  if (typeof value === "number" && !Number.isFinite(value)) return sealFloat(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element, index) => render(element, `${place}/${index}`, seal));
  if (value[SIGNATURE] === SECRET) return seal(JSON.stringify(render(reveal(value), place, seal)), place);
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, element]) => [key, render(element, `${place}/${key}`, seal)]));
}

// fromEntries and not assignment: a property named __proto__ is data like any other.
function mapEntries(value: { [key: string]: Value }, change: (element: Value, key: string) => Value): Value {
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, change(element, key)]));
}

// JSON has no NaN and no infinities: the checkpoint format keeps their IEEE 754 bits as 16 hex digits.
function sealFloat(value: number): Value {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return { [SIGNATURE]: FLOAT, value: bits.toString("hex") };
}

function openFloat(hex: string): number {
  return Buffer.from(hex.padStart(16, "0"), "hex").readDoubleBE();
}
