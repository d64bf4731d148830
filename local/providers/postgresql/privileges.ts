// Privileges by kind of object, and how a set of them is compared: ALL stands for every privilege of the kind.

/** Object types that Grant and DefaultPrivileges know, with every privilege each has (PostgreSQL 14 to 18). */
export const PRIVILEGES = {
  database: ["CREATE", "CONNECT", "TEMPORARY"],
  schema: ["CREATE", "USAGE"],
  table: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
  sequence: ["USAGE", "SELECT", "UPDATE"],
  function: ["EXECUTE"],
  procedure: ["EXECUTE"],
  routine: ["EXECUTE"],
  type: ["USAGE"],
} as const satisfies Record<string, readonly string[]>;

export type ObjectType = keyof typeof PRIVILEGES;

/** MAINTAIN came with PostgreSQL 17 and TEMP is TEMPORARY. */
function normalized(privileges: readonly string[], type: ObjectType): string[] {
  const upper = privileges.map((privilege) => privilege.toUpperCase());
  if (upper.includes("ALL")) return [...PRIVILEGES[type]];
  return upper.map((privilege) => (privilege === "TEMP" ? "TEMPORARY" : privilege));
}

/**
 * The privileges held, in the program's own spelling where they are what it asked for.
 * @param held one list for each object, as the catalogue has them
 */
export function privilegesHeld(
  held: readonly (readonly string[])[],
  asked: readonly string[] | undefined,
  type: ObjectType,
): string[] {
  const wanted = new Set(normalized(asked ?? [], type));
  const everything = asked?.some((privilege) => privilege.toUpperCase() === "ALL") ?? false;
  const differing = held.find((own) => {
    const known = own.filter((privilege) => !(everything && privilege === "MAINTAIN"));
    return known.length !== wanted.size || known.some((privilege) => !wanted.has(privilege));
  });
  return [...(differing ?? asked ?? [])];
}

/** @throws when a privilege is none of the object type's: it also keeps SQL out of the statement */
export function privilegeList(privileges: readonly string[], type: ObjectType): string {
  const allowed: readonly string[] = [...PRIVILEGES[type], "ALL", "TEMP", "MAINTAIN"];
  for (const privilege of privileges) {
    if (!allowed.includes(privilege.toUpperCase())) {
      throw new Error(`privileges must be of ${allowed.join(", ")} for a ${type}, got "${privilege}"`);
    }
  }
  return privileges.join(", ");
}
