// The system's certificate authorities for PostgreSQL's own programs. An address that asks for verification and names no CA is
// verified by them everywhere else; the C library knows no such thing before version 16 and asks for a file.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates } from "node:tls";

/** A file that is there until it is taken away. */
export interface Authorities {
  file: string;
  remove(): void;
}

/** Undefined where the address asks for no verification, or a CA is named. */
export function authoritiesFor(databaseUrl: string, environment: NodeJS.ProcessEnv): Authorities | undefined {
  const { searchParams } = new URL(databaseUrl);
  const mode = searchParams.get("sslmode") ?? environment.PGSSLMODE ?? "";
  const named = searchParams.get("sslrootcert") ?? (environment.PGSSLROOTCERT || "system");
  if (!mode.startsWith("verify-") || named !== "system") return undefined;
  const folder = mkdtempSync(join(tmpdir(), "greenlight-authorities-"));
  const file = join(folder, "ca.pem");
  writeFileSync(file, getCACertificates("default").join("\n"));
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
