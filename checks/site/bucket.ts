// How the site's bucket is asked.

/** Requests at a time, to S3 and to the edge. */
export const AT_ONCE = 16;

/** An object as a copy names it. The whole name is one of an object here: `+` and `?` mean nothing else in it. */
export function copySourceOf(bucket: string, path: string): string {
  return `${bucket}/${path.split("/").map(encodeURIComponent).join("/")}`;
}
