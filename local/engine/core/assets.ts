// Hashes of assets and archives, which identify their content in states and comparisons: SHA-256 of an asset's bytes,
// of an archive file's bytes, or of the tar file that an archive of assets or a directory would be.
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { type PropertyMap, SIGNATURE, type Value } from "../types.ts";
import { isObject } from "../value-kinds.ts";
import { unsupported } from "./diagnostics.ts";
import { tarFile } from "./tar.ts";
import { isArchive, isAsset } from "./values.ts";

/** A directory of Pulumi's own; never part of an archive. */
const BOOKKEEPING = ".pulumi";
const ARCHIVE_FILE = /\.(tar|tgz|tar\.gz|zip|jar)$/;

interface Member {
  name: string;
  content: Uint8Array;
}

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
  if (isAsset(value)) return { ...plainAsset(value), hash: sha256(await assetContent(value, directory)) };
  if (isArchive(value)) return hashedArchive(value, directory);
  const entries = Object.entries(value).map(
    async ([key, inner]) => [key, await withHashes(inner, directory)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** The SDK sends marks of its own along, which are no part of an asset. */
function plainAsset(asset: PropertyMap): PropertyMap {
  return picked(asset, [SIGNATURE, "text", "path", "uri"]);
}

/** An archive whose members have hashes of their own. */
async function hashedArchive(archive: PropertyMap, directory: string): Promise<PropertyMap> {
  const plain = picked(archive, [SIGNATURE, "path", "uri"]);
  const hash = sha256(await archiveContent(archive, directory));
  if (!isObject(archive.assets)) return { ...plain, hash };
  const assets = await withHashes(archive.assets, directory);
  return { ...plain, assets, hash };
}

function picked(map: PropertyMap, keys: string[]): PropertyMap {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = map[key];
      return value === undefined || value === "" ? [] : [[key, value]];
    }),
  );
}

/**
 * Old states travel without contents: where `values` has only a hash that `known` has too, the content comes back; not
 * the members of an archive, which the official engine leaves out, too.
 */
export function restoreContents(known: PropertyMap, values: PropertyMap): PropertyMap {
  if (!hasAssets(values)) return values;
  const byHash = new Map<Value, Value>();
  const collect = (value: Value): void => {
    if (Array.isArray(value)) for (const element of value) collect(element);
    else if (isAsset(value) && value.hash) byHash.set(value.hash, value);
    else if (isArchive(value) && value.hash)
      byHash.set(value.hash, value.assets ? { ...value, assets: {} } : value);
    else if (isObject(value)) for (const inner of Object.values(value)) collect(inner);
  };
  collect(known);
  const restore = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(restore);
    if (isAsset(value) || isArchive(value)) {
      const { text, path: file, uri, assets, hash } = value;
      const empty = !text && !file && !uri && assets === undefined;
      return (empty && hash !== undefined && byHash.get(hash)) || value;
    }
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, restore(inner)]));
  };
  const restored = restore(values);
  return isObject(restored) ? restored : values;
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

async function assetContent(asset: PropertyMap, directory: string): Promise<Uint8Array> {
  const { text, path: file, uri } = asset;
  if (typeof file === "string" && file !== "") return readFile(path.resolve(directory, file));
  if (typeof uri === "string" && uri !== "") throw unsupported("assets from a URI");
  return Buffer.from(typeof text === "string" ? text : "");
}

async function archiveContent(archive: PropertyMap, directory: string): Promise<Uint8Array> {
  const { path: file } = archive;
  if (typeof file === "string" && ARCHIVE_FILE.test(file)) return readFile(path.resolve(directory, file));
  const members = new Map<string, Member>();
  for (const member of await membersOf(archive, directory)) {
    if (!members.has(member.name)) members.set(member.name, member);
  }
  return tarFile([...members.values()]);
}

/** Files of an archive, by name; those of an archive inside it below that one's name. */
async function membersOf(archive: PropertyMap, directory: string): Promise<Member[]> {
  const { assets, path: file, uri } = archive;
  if (typeof uri === "string" && uri !== "") throw unsupported("archives from a URI");
  if (typeof file === "string" && file !== "") {
    if (ARCHIVE_FILE.test(file)) throw unsupported(`archive "${file}" inside another archive`);
    return directoryMembers(path.resolve(directory, file));
  }
  if (!isObject(assets)) return [];
  const members: Member[] = [];
  for (const name of Object.keys(assets).sort()) {
    const part = assets[name];
    if (isAsset(part)) members.push({ name, content: await assetContent(part, directory) });
    else if (isArchive(part)) {
      const inside = await membersOf(part, directory);
      members.push(...inside.map((member) => ({ ...member, name: path.posix.join(name, member.name) })));
    }
  }
  return members;
}

async function directoryMembers(root: string): Promise<Member[]> {
  if (!(await stat(root)).isDirectory())
    throw new Error(`archive "${root}": is neither an archive file nor a directory`);
  const members: Member[] = [];
  const walk = async (folder: string) => {
    const entries = await readdir(path.join(root, folder), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (entry.name === BOOKKEEPING) continue;
      const inside = path.posix.join(folder, entry.name);
      const full = path.join(root, inside);
      if (entry.isDirectory()) await walk(inside);
      else if (!(await stat(full)).isDirectory())
        members.push({ name: inside, content: await readFile(full) });
    }
  };
  await walk("");
  return members;
}
