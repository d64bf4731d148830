// Makes observations of different machines and runs comparable: short URNs, numbered UUIDs, opened secrets.
import type { Json, JsonObject } from "./case.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UUIDS = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
const VOLATILE = ["created", "modified", "sourcePosition", "stackTrace", "type", "custom", "sequenceNumber"];

/** One case's replacements: UUIDs are numbered in the order in which they are met. */
export class NormalForm {
  readonly #folder: string;
  readonly #uuids: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  text(text: string): string {
    return text
      .replaceAll(UNKNOWN, "<unknown>")
      .replaceAll(/urn:pulumi:[\w-]+::parity::/g, "")
      .replaceAll(this.#folder, "<dir>")
      .replaceAll(UUIDS, (uuid) => {
        if (!this.#uuids.includes(uuid)) this.#uuids.push(uuid);
        return `<uuid${this.#uuids.indexOf(uuid) + 1}>`;
      });
  }

  value(value: Json): Json {
    if (typeof value === "string") return this.text(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((element) => this.value(element));
    if (value[SIGNATURE] === SECRET) {
      const inner = typeof value.plaintext === "string" ? JSON.parse(value.plaintext) : (value.value ?? null);
      return { secret: true, plaintext: this.value(inner) };
    }
    const kept = Object.entries(value).filter(([key]) => key !== "__provider");
    return Object.fromEntries(kept.map(([key, inner]) => [key, this.value(inner)]));
  }

  /** A resource of the state without what differs between runs and without empty fields. */
  resource(resource: JsonObject): JsonObject {
    const kept = Object.entries(resource).filter(([key]) => !VOLATILE.includes(key));
    const normal = this.value(Object.fromEntries(kept)) as JsonObject;
    if (resource.custom !== true) normal.component = true;
    if (Array.isArray(normal.dependencies)) normal.dependencies = sortedTexts(normal.dependencies);
    const byProperty = normal.propertyDependencies;
    if (isObject(byProperty)) {
      for (const [key, list] of Object.entries(byProperty))
        if (Array.isArray(list)) byProperty[key] = sortedTexts(list);
    }
    return Object.fromEntries(Object.entries(normal).filter(([, value]) => !isEmpty(value)));
  }
}

function sortedTexts(list: Json[]): Json[] {
  return list.toSorted();
}

function isEmpty(value: Json): boolean {
  if (value === false || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
