// Builds the site: source/ becomes ../site/. `node frontend/build.ts` from the example's folder.
import { fileURLToPath } from "node:url";
import { buildSite as build, writeSite } from "../../parts/site-build.ts";

/** The site's files by path. */
export const buildSite = () => build(fileURLToPath(new URL("source/", import.meta.url)));

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeSite(await buildSite(), fileURLToPath(new URL("../site/", import.meta.url)));
