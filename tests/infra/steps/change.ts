// Which steps a changed setting takes, and no others. Nothing of the infrastructure changes where only a check reads it. What is
// protected is neither replaced nor deleted: the update is refused, until somebody lifts the protection.
import type { SectionName } from "../../../infra/settings/sections.ts";
import type { Steps } from "../support/planned.ts";

/** A setting and another value of it. */
export interface Change {
  /** What the section has beside, where the stack's own would not do. */
  section?: { [setting: string]: unknown };
  /** The name that stands for the star in a path. */
  key?: string;
  to: unknown;
  /** Of so many steps only those are named that are refused. */
  refusalsOnly?: true;
  steps: Steps;
}

/** By section and path: `[]` is the first of a list, a star any name. */
export type Changes = { [Name in SectionName]?: { [path: string]: Change } };
