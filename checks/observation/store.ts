// Where samples are kept between an update and the watches after it: in the records bucket, else in a folder. One JSON file an hour,
// below a folder for each release. Two watches of the same hour at once would overwrite each other's last sample: run one.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readOwn } from "../own-document.ts";
import { writeAtomically } from "../write-atomically.ts";
import type { SampleSet } from "./samples.ts";
import type { Starts } from "./starts.ts";

const reading = () => z.union([z.number(), z.record(z.string(), z.number())]);
const samples = () =>
  z.array(
    z.strictObject({
      at: z.iso.datetime(),
      values: z.record(z.string(), reading()),
      errors: z.record(z.string(), z.string()),
    }),
  );
const start = () => z.strictObject({ at: z.iso.datetime(), why: z.string() });
const beginning = () => z.strictObject({ beganAt: z.iso.datetime(), anew: z.array(start()).default([]) });

const BEGAN = "began.json";
const FIX = "delete it: what was seen in that time is then not known";

/** Files by name. */
export interface Files {
  list(): Promise<string[]>;
  read(name: string): Promise<string | undefined>;
  write(name: string, text: string): Promise<void>;
}

/** The samples of one release. */
export class SampleStore {
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  /** When the watch of the release began, and began anew; `now` if it did not yet, which is then kept. */
  async starts(now: Date): Promise<Starts> {
    const text = await this.#files.read(BEGAN);
    if (text === undefined) {
      await this.#files.write(BEGAN, JSON.stringify({ beganAt: now.toISOString() }));
      return [{ at: now, why: "" }];
    }
    const { beganAt, anew } = readOwn(beginning(), text, `${BEGAN} of the observation`, FIX);
    const later = anew.map(({ at, why }) => ({ at: new Date(at), why }));
    return [{ at: new Date(beganAt), why: "" }, ...later];
  }

  /** Keeps that the watch begins anew with the last of these. */
  async restart([first, ...anew]: Starts): Promise<void> {
    await this.#files.write(BEGAN, JSON.stringify({ beganAt: first.at.toISOString(), anew }));
  }

  /** All samples, oldest first. */
  async load(): Promise<SampleSet[]> {
    const names = (await this.#files.list()).filter((name) => /^\d.*\.json$/.test(name)).sort();
    const hours = await Promise.all(names.map((name) => this.#hour(name)));
    return hours.flat().sort((a, b) => a.at.localeCompare(b.at));
  }

  /** Adds samples to their hours' files. */
  async append(added: SampleSet[]): Promise<void> {
    for (const [hour, group] of Map.groupBy(added, ({ at }) => at.slice(0, 13))) {
      const name = `${hour}.json`;
      const known = await this.#hour(name);
      const times = new Set(known.map(({ at }) => at));
      const whole = [...known, ...group.filter(({ at }) => !times.has(at))];
      await this.#files.write(name, JSON.stringify(whole));
    }
  }

  /** Keeps what was judged last, for readers that have no state of the stack. */
  async conclude(document: unknown): Promise<void> {
    await this.#files.write("verdict.json", `${JSON.stringify(document, null, 2)}\n`);
  }

  async #hour(name: string): Promise<SampleSet[]> {
    const text = await this.#files.read(name);
    return text === undefined ? [] : readOwn(samples(), text, `${name} of the observation`, FIX);
  }
}

/** Files of a folder, written as a whole or not at all. */
export function folderFiles(directory: string): Files {
  const absent = (error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  };
  return {
    list: async () => (await readdir(directory).catch(absent)) ?? [],
    read: (name) => readFile(join(directory, name), "utf8").catch(absent),
    write: (name, text) => writeAtomically(join(directory, name), text),
  };
}

/** Objects of a bucket below a prefix, encrypted as the bucket says. */
export function bucketFiles(bucket: string, prefix: string, signal: AbortSignal): Files {
  const abort = { abortSignal: signal };
  const loaded = import("@aws-sdk/client-s3").then((sdk) => ({ ...sdk, s3: new sdk.S3Client({}) }));
  return {
    async list() {
      const { s3, paginateListObjectsV2 } = await loaded;
      const names: string[] = [];
      const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: `${prefix}/` }, abort);
      for await (const { Contents = [] } of pages)
        names.push(...Contents.flatMap(({ Key }) => Key?.slice(prefix.length + 1) ?? []));
      return names;
    },
    async read(name) {
      const { s3, GetObjectCommand } = await loaded;
      try {
        const { Body } = await s3.send(
          new GetObjectCommand({ Bucket: bucket, Key: `${prefix}/${name}` }),
          abort,
        );
        return await Body?.transformToString();
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        if (error.name === "NoSuchKey") return undefined;
        throw new Error(
          `samples in bucket "${bucket}": ${error.message}, want them read; check network and credentials`,
          { cause: error },
        );
      }
    },
    async write(name, text) {
      const { s3, PutObjectCommand } = await loaded;
      const Key = `${prefix}/${name}`;
      await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key, Body: text, ContentType: "application/json" }),
        abort,
      );
    },
  };
}
