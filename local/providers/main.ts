// `main.ts PACKAGE [ENGINE ADDRESS]`: one local provider as a plugin process. Its first line on stdout is its port.

import { providers } from "./index.ts";
import { serve } from "./server.ts";

const [, , name = "", engine] = process.argv;
// One that an engine started is left by nobody when that was killed; one started by hand stays for who attaches to it.
if (engine !== undefined) await import("../engine/sdk/end-with-parent.ts");
const provider = await (Object.hasOwn(providers, name) ? providers[name]?.() : undefined);
if (provider) {
  process.stdout.write(`${await serve(provider)}\n`);
} else {
  process.stderr.write(
    `error: no local provider "${name}", want one of ${Object.keys(providers).join(", ")}\n`,
  );
  process.exitCode = 2;
}
