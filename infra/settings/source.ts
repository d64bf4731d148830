// Where settings come from: the stack's configuration as Pulumi hands it to the program, and the stack file for line numbers.
// Judges nothing; see reader.ts.
import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { isMap, LineCounter, type Node, parseDocument } from "yaml";
import { stackFilePath } from "./stack-file-path.ts";

/** The configuration of one stack. */
export interface Source {
  stack: string;
  /** The folder that holds the project's Pulumi.yaml; relative paths in settings start here. */
  directory: string;
  /** Shown in messages, e.g. `Pulumi.local.yaml`. */
  fileName: string;
  /** The stack file's text; undefined where the program cannot see it (another `--config-file`). */
  text: string | undefined;
  /** Every key with its namespace, e.g. `greenlight:backup`; objects as JSON, secrets in plain text. */
  values: { [key: string]: string };
  /** Keys that hold a secret somewhere. */
  secretKeys: string[];
  environment: { [name: string]: string | undefined };
}

/** The configuration of the stack that is being previewed or updated. */
export function pulumiSource(): Source {
  const directory = process.env.PULUMI_NODEJS_ROOT_DIRECTORY ?? process.cwd();
  const stack = pulumi.getStack();
  const fileName = `Pulumi.${stack}.yaml`;
  const file = stackFilePath(directory, stack);
  return {
    stack,
    directory,
    fileName,
    text: existsSync(file) ? readFileSync(file, "utf8") : undefined,
    values: pulumi.runtime.allConfig(),
    secretKeys: JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]"),
    environment: process.env,
  };
}

/** A position in a stack file: 1-based line, and whether the value there is encrypted. */
export interface Place {
  line: number;
  encrypted: boolean;
}

/** Finds the line of a configuration path such as `["greenlight:backup", "retentionDays"]`, or of its nearest parent. */
export function placesOf(text: string): (path: PropertyKey[]) => Place {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  return (path) => {
    let place: Place = { line: 1, encrypted: false };
    const steps = ["config", ...path].map(String);
    for (const depth of steps.keys()) {
      const node = document.getIn(steps.slice(0, depth + 1), true) as Node | undefined;
      const key = keyOffset(document.getIn(steps.slice(0, depth), true), steps[depth] ?? "");
      const offset = key ?? node?.range?.[0];
      if (node === undefined || offset === undefined) break;
      place = { line: lines.linePos(offset).line, encrypted: isMap(node) && node.has("secure") };
      if (place.encrypted) break;
    }
    return place;
  };
}

/** Where the key itself is written, which for a nested map is the line above its first value. */
function keyOffset(parent: unknown, key: string): number | undefined {
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find((item) => String(item.key) === key);
  return (pair?.key as Node | undefined)?.range?.[0];
}
