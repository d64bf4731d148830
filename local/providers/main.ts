// `main.ts PACKAGE [ENGINE ADDRESS]`: one local provider as a plugin process. Its first line on stdout is its port.

import { providers } from "./index.ts";
import { serve } from "./server.ts";

const name = process.argv[2] ?? "";
const provider = await (Object.hasOwn(providers, name) ? providers[name]?.() : undefined);
if (provider) {
  process.stdout.write(`${await serve(provider)}\n`);
} else {
  process.stderr.write(
    `error: no local provider "${name}", want one of ${Object.keys(providers).join(", ")}\n`,
  );
  process.exitCode = 2;
}
