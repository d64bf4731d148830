// What this engine calls itself where Pulumi's formats and the Automation API ask for a version.

/** The official release whose rules are kept, with the mark of this engine as semver build metadata. */
export const VERSION = "3.260.0+greenlight";
