// IAM gives policy documents URL-encoded.

export function decoded(document: string | undefined): string | undefined {
  return document === undefined ? undefined : decodeURIComponent(document);
}

/** How IAM says that something is not there. */
export const ABSENT = ["NoSuchEntityException", "NoSuchEntity"];
