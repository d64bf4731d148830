// Which peers are installed here.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The program's full path, or undefined when PATH has none. */
export function onPath(program: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }
  return undefined;
}
