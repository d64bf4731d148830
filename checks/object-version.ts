// Whether an object of S3 is kept as a version that nothing writes over.

/** Undefined for none: where versions are suspended S3 calls the one that there is "null", and the next one is written over it. */
export function keptVersion(versionId: string | undefined): string | undefined {
  return versionId === "null" ? undefined : versionId;
}
