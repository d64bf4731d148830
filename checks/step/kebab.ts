// Observation ids from names of the real world: `idx_queue_jobs_estado` becomes `idx-queue-jobs-estado`.

/** Lower-case words of ASCII letters and digits joined by hyphens; accents are dropped. */
export function kebab(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
