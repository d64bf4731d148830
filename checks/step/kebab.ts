// Observation ids from names of the real world: `idx_queue_jobs_estado` becomes `idx-queue-jobs-estado`.
import { createHash } from "node:crypto";

const OTHER_SCRIPT = /(?![A-Za-z0-9])[\p{L}\p{N}]/u;

/** Lower-case words of ASCII letters and digits joined by hyphens; accents are dropped, letters of other scripts stand in a digest. */
export function kebab(name: string): string {
  const plain = name.normalize("NFKD").replace(/\p{M}+/gu, "");
  const words = plain
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (!OTHER_SCRIPT.test(plain)) return words;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return words === "" ? digest : `${words}-${digest}`;
}
