// Hashes of assets and archives, which identify their content in states and comparisons.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { PropertyMap, Value } from "../types.ts";
import { unsupported } from "./diagnostics.ts";
import { isArchive, isAsset, isObject } from "./values.ts";

/** The properties with a hash in every asset and archive. @param directory what relative paths are relative to */
export async function assetsWithHashes(properties: PropertyMap, directory: string): Promise<PropertyMap> {
  if (!hasAssets(properties)) return properties;
  const hashed = await withHashes(properties, directory);
  return isObject(hashed) ? hashed : properties;
}

function hasAssets(value: Value): boolean {
  if (Array.isArray(value)) return value.some(hasAssets);
  if (!isObject(value)) return false;
  if (isAsset(value) || isArchive(value)) return true;
  return Object.values(value).some(hasAssets);
}

async function withHashes(value: Value, directory: string): Promise<Value> {
  if (Array.isArray(value)) return Promise.all(value.map((element) => withHashes(element, directory)));
  if (!isObject(value)) return value;
  if (isArchive(value)) throw unsupported("archives");
  if (isAsset(value)) {
    const content = await assetContent(value, directory);
    return { ...value, hash: createHash("sha256").update(content).digest("hex") };
  }
  const entries = Object.entries(value).map(
    async ([key, inner]) => [key, await withHashes(inner, directory)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function assetContent(asset: PropertyMap, directory: string): Promise<Uint8Array | string> {
  if (typeof asset.text === "string" && asset.text !== "") return asset.text;
  if (typeof asset.path === "string" && asset.path !== "") {
    return readFile(path.resolve(directory, asset.path));
  }
  if (asset.uri) throw unsupported("assets from a URI");
  return "";
}
