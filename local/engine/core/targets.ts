// The resources that --target and --replace name: exact urns, or patterns in which * stands for a part of a urn
// (no "::" in it) and ** for anything.

export class Targets {
  readonly #literals: Set<string>;
  readonly #patterns: RegExp[];
  readonly given: boolean;

  constructor(names: string[] = []) {
    this.given = names.length > 0;
    this.#literals = new Set(names.filter((name) => !name.includes("*")));
    this.#patterns = names.filter((name) => name.includes("*")).map(pattern);
  }

  /** True when the urn is named; everything is when nothing was given. */
  includes(urn: string): boolean {
    return !this.given || this.names(urn);
  }

  /** True when the urn is really named. */
  names(urn: string): boolean {
    return this.#literals.has(urn) || this.#patterns.some((expression) => expression.test(urn));
  }

  /** Exact names that are not among `known`. */
  unknown(known: (urn: string) => boolean): string[] {
    return [...this.#literals].filter((urn) => !known(urn));
  }
}

function pattern(name: string): RegExp {
  const parts = name.split(/(\*\*|\*)/).map((part) => {
    if (part === "**") return ".*";
    if (part === "*") return "(?:(?!::).)*";
    return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "s");
}

/** What is said about a target that does not exist. */
export function unknownTarget(urn: string): string {
  const hint = urn.includes("$") ? "" : " Did you forget to escape $ in your shell?";
  return `Target '${urn}' could not be found in the stack.${hint}`;
}
