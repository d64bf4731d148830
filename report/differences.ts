// What is different from the last release, as data: filled from two records, shown by the page and the summary.

/** Something that is another than before; null where it was not there, or is not there any more. */
export interface Change {
  name: string;
  from: string | null;
  to: string | null;
}

/** Null in place of a list: one of the two records does not say. */
export interface Differences {
  /** The record compared with. */
  since: { key: string; release: string; recordedAt: string };
  /** Release, commit, and the digests of what was deployed, shortened. */
  parts: Change[];
  /** Node, SDK, plugins, engine. */
  versions: Change[];
  /** By path; of a secret only that it changed. */
  settings: Change[] | null;
  /** By version and name, with the digests of the files, shortened. */
  migrations: Change[] | null;
  /** By path, with the digests of the files, shortened. */
  site: Change[] | null;
  /** Results by step. */
  steps: Change[];
  /** Verdicts by box: settled now and not before, the other way round, and other changes. */
  boxes: { gained: Change[]; lost: Change[]; other: Change[] } | null;
}

/** The lists with their titles, for everything that people read. */
export function listsOf(differences: Differences): { title: string; changes: Change[] | null }[] {
  const { parts, versions, settings, migrations, site, steps, boxes } = differences;
  return [
    { title: "What was deployed", changes: parts },
    { title: "Migrations", changes: migrations },
    { title: "Settings", changes: settings },
    { title: "Versions", changes: versions },
    { title: "Files of the site", changes: site },
    { title: "Results of steps", changes: steps },
    { title: "Boxes gained", changes: boxes?.gained ?? null },
    { title: "Boxes lost", changes: boxes?.lost ?? null },
    { title: "Other boxes", changes: boxes?.other ?? null },
  ];
}
