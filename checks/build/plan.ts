// What a look at the build would do, for the preview.
import { join } from "node:path";
import type { BuildInputs } from "../build.ts";
import { digestOfContents } from "../release/contents.ts";
import { isCurrent } from "./run.ts";
import { readStamp } from "./stamp.ts";

export async function planBuild(given: Partial<BuildInputs>): Promise<string[]> {
  const {
    contents,
    directory,
    reports,
    reportsDirectory = ".greenlight/build",
    maximumAgeHours = 168,
  } = given;
  if (contents === undefined || directory === undefined || reports === undefined || reports.length === 0)
    return ["look through the release's files"];
  const stamp = readStamp(join(directory, reportsDirectory));
  const all = { contents, directory, reports, reportsDirectory, maximumAgeHours };
  const names = reports.map(({ name }) => name).join(", ");
  return isCurrent(stamp, digestOfContents(contents), all)
    ? [`judge the reports of ${stamp?.finishedAt}: ${names}`]
    : [`run ${reports.filter(({ command }) => command).length} tools and judge: ${names}`];
}
