// CloudFront changes and deletes a resource only for the version that its ETag names.

/** How CloudFront says that something is not there. */
export const ABSENT = [
  "NoSuchDistribution",
  "NoSuchOriginAccessControl",
  "NoSuchCachePolicy",
  "NoSuchOriginRequestPolicy",
  "NoSuchResponseHeadersPolicy",
  "NoSuchFunctionExists",
];

/** A list as CloudFront wants it: with its length beside it. */
export function counted<T>(items: T[] | undefined): { Quantity: number; Items: T[] } {
  return { Quantity: items?.length ?? 0, Items: items ?? [] };
}
