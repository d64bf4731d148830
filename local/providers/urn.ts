// The two parts of a URN that a provider needs.

/** @param urn `urn:pulumi:<stack>::<project>::<parent types$>type::<name>` */
export function typeOf(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

/** The logical name, which may itself hold `::`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
