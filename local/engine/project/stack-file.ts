// Pulumi.<stack>.yaml: configuration and salt of one stack. Comments, order and unknown keys survive every write.
import { dirname } from "node:path";
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type ToStringOptions,
  visit,
} from "yaml";
import { readOptional, writeAtomically } from "../state/atomic-file.ts";
import { Failure, notSupported } from "../state/failure.ts";
import type { Value } from "../types.ts";
import { asRead, asWritten, isMistaken, spokenTime } from "./plain-scalar.ts";
import { isObject } from "./project-file.ts";

type Json = { [key: string]: Value };

/** How deep in the document a value of `config` itself is: its key and three mappings and pairs above. */
const VALUE_DEPTH = 5;

// Long texts stay on their line, as the official command writes them.
const FORMAT: ToStringOptions = { lineWidth: 0, flowCollectionPadding: false };

/** The configuration file of one stack; it need not exist. */
export class StackFile {
  readonly path: string;
  readonly #document: Document;

  private constructor(path: string, document: Document) {
    this.path = path;
    this.#document = document;
  }

  /** Reads the file. @throws Failure when it is not a mapping or names a foreign secrets provider. */
  static async read(path: string): Promise<StackFile> {
    const text = (await readOptional(path)) ?? "";
    const document = parseDocument(text, { keepSourceTokens: true, merge: true, customTags: asWritten });
    const [error] = document.errors;
    if (error)
      throw new Failure(`stack file "${path}": ${error.message.split("\n")[0]}`, 1, { cause: error });
    if (document.contents !== null && !isMap(document.contents)) {
      throw new Failure(`stack file "${path}": not a mapping; want config and encryptionsalt`);
    }
    const file = new StackFile(path, document);
    const provider = document.get("secretsprovider");
    if (provider !== undefined && provider !== "" && provider !== "passphrase" && provider !== "default") {
      throw notSupported(
        `stack file "${path}" with the secrets provider "${String(provider).split(":")[0]}"`,
      );
    }
    if (document.has("environment")) throw notSupported(`stack file "${path}" with an environment`);
    return file;
  }

  get salt(): string | undefined {
    const salt = this.#document.get("encryptionsalt");
    return typeof salt === "string" && salt ? salt : undefined;
  }

  /** The `config` mapping as it stands: scalars, `{secure}`, objects. @throws Failure when it is none. */
  get config(): Json {
    const plain: Value = asRead(this.#document, VALUE_DEPTH, spokenTime).toJS() ?? {};
    const config = isObject(plain) ? (plain.config ?? {}) : {};
    if (!isObject(config)) throw new Failure(`stack file "${this.path}": config is not a mapping`);
    return config;
  }

  setSalt(salt: string): void {
    const { contents } = this.#document;
    // First in the file, like the official command; a comment above the file's first key stays above.
    if (isMap(contents) && !contents.has("encryptionsalt")) {
      contents.items.unshift(this.#document.createPair("encryptionsalt", salt));
    } else {
      this.#document.set("encryptionsalt", salt);
    }
  }

  /** Sets the value at `[key, ...path]`, making the mappings and lists on the way. */
  set(path: (string | number)[], value: Value): void {
    const whole = ["config", ...path];
    for (let depth = 1; depth < whole.length; depth++) {
      const at = whole.slice(0, depth);
      const next = whole[depth];
      const found = this.#document.getIn(at);
      if (isMap(found) && typeof next === "string") continue;
      if (isSeq(found) && typeof next === "number") {
        if (next > found.items.length) throw this.#beyond(at, next, found.items.length);
        continue;
      }
      if (found !== undefined && found !== null && (isMap(found) || isSeq(found)))
        throw this.#mismatch(at, next);
      if (found !== undefined && found !== null && depth > 1) throw this.#mismatch(at, next);
      if (typeof next === "number" && next > 0) throw this.#beyond(at, next, 0);
      this.#document.setIn(at, this.#document.createNode(typeof next === "number" ? [] : {}));
    }
    this.#replace(whole, this.#document.createNode(value));
  }

  // The comments of a value belong to its key: they stay when the value changes.
  #replace(place: (string | number)[], node: Node): void {
    const before = this.#document.getIn(place, true);
    if (isNode(before)) {
      if (before.comment) node.comment = before.comment;
      if (before.commentBefore) node.commentBefore = before.commentBefore;
    }
    if (isScalar(before) && isScalar(node) && typeof before.value === "string" && before.type)
      node.type = before.type;
    visit(node, {
      Scalar(_key, scalar) {
        if (typeof scalar.value === "string" && isMistaken(scalar.value)) scalar.type = "QUOTE_DOUBLE";
      },
    });
    this.#document.setIn(place, node);
  }

  /** Removes the value at `[key, ...path]`. Returns whether there was one. */
  remove(path: (string | number)[]): boolean {
    return this.#document.hasIn(["config", ...path]) && this.#document.deleteIn(["config", ...path]);
  }

  async write(): Promise<void> {
    const config = this.#document.get("config");
    if (isMap(config) && config.items.length === 0) this.#document.delete("config");
    const { contents } = this.#document;
    const empty = contents === null || (isMap(contents) && contents.items.length === 0);
    const text = this.path.endsWith(".json")
      ? `${JSON.stringify(this.#document.toJS() ?? {}, null, 4)}\n`
      : empty
        ? "{}\n"
        : this.#document.toString(FORMAT);
    await writeAtomically(this.path, text, 0o644);
  }

  /** Folder of the file, where relative paths of its values start. */
  get folder(): string {
    return dirname(this.path);
  }

  #mismatch(at: (string | number)[], next: string | number | undefined): Failure {
    const want = typeof next === "number" ? "a list" : "an object";
    return new Failure(`configuration "${at.slice(1).join(".")}": is not ${want}; remove it first`);
  }

  #beyond(at: (string | number)[], index: number, length: number): Failure {
    return new Failure(
      `configuration "${at.slice(1).join(".")}": index ${index} is out of range, want at most ${length}`,
    );
  }
}
