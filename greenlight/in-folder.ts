// What a command that is printed says of the folder of Pulumi.yaml, to be run where this one was.
import { relative } from "node:path";

/** ` -C FOLDER`, as a POSIX shell takes it; empty for this very folder. */
export function inFolder(directory: string): string {
  const folder = relative(process.cwd(), directory);
  if (folder === "") return "";
  return ` -C ${/^[\w@%+=:,./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", `'\\''`)}'`}`;
}
