// What a resource type accepts, as data: check and diff read these tables, handlers get their types from them.
// Not the whole of a package's schema: only properties that a local provider really honours.

/** How a property left out by the program gets the name `<logical name>-<7 hex digits>`. */
export interface AutoName {
  /** Longest name the service takes. */
  maxLength: number;
  /** True where the service refuses upper case. */
  lowercase?: boolean;
  /** What stands before the logical name, e.g. `alias/`. */
  prefix?: string;
  /** What the service wants at the end when another property is true, e.g. `.fifo` for a FIFO queue. */
  suffix?: { text: string; when: string };
}

export interface PropertyOptions {
  /** The program must give it. */
  readonly required?: true;
  /** Value when the program gives none; becomes part of the checked inputs. */
  readonly default?: unknown;
  /** A change replaces the resource. */
  readonly replace?: true;
  /** The service or provider chooses a value when the program gives none: absence is then no change. */
  readonly computed?: true;
  /** The service never tells it back: read keeps the value last applied. */
  readonly kept?: true;
  /** Never shown: failures leave its value out. */
  readonly secret?: true;
  readonly oneOf?: readonly unknown[];
  /** Bounds of a number, both allowed. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly name?: AutoName;
}

export type PropertyKind = "text" | "flag" | "number" | "json" | "policy" | "object" | "list" | "set" | "map";

/** One property: its shape, and what a change of it means. `T` and `Present` exist for the type checker only. */
export interface Property<T = unknown, Present extends boolean = boolean> extends PropertyOptions {
  readonly kind: PropertyKind;
  /** Shape of the elements of a list or set. */
  readonly element?: Property;
  /** Shape of an object. */
  readonly fields?: Properties;
  readonly valueType?: T;
  readonly present?: Present;
}

export interface Properties {
  readonly [name: string]: Property;
}

type AlwaysThere<O> = O extends { required: true } | { default: unknown } | { name: AutoName } ? true : false;

/** The values that a table of properties describes, after check has filled in defaults and names. */
export type ValuesOf<P extends Properties> = {
  [K in keyof P as P[K] extends Property<unknown, true> ? K : never]: ValueOf<P[K]>;
} & {
  [K in keyof P as P[K] extends Property<unknown, true> ? never : K]?: ValueOf<P[K]>;
};

export type ValueOf<P> = P extends Property<infer T, boolean> ? T : never;

function property<T, O extends PropertyOptions>(
  kind: PropertyKind,
  options: O | undefined,
  shape: { element?: Property; fields?: Properties } = {},
): Property<T, AlwaysThere<O>> {
  return { ...options, ...shape, kind };
}

/** Text; with `oneOf`, the type of the value is the union of those texts. */
export function text<const O extends PropertyOptions>(options?: O): Property<TextOf<O>, AlwaysThere<O>> {
  return property<TextOf<O>, O>("text", options);
}

type TextOf<O> = O extends { oneOf: readonly (infer U extends string)[] } ? U : string;

export function flag<const O extends PropertyOptions>(options?: O): Property<boolean, AlwaysThere<O>> {
  return property<boolean, O>("flag", options);
}

export function number<const O extends PropertyOptions>(options?: O): Property<number, AlwaysThere<O>> {
  return property<number, O>("number", options);
}

/** JSON text, compared by meaning; an object given by the program becomes its text. */
export function json<const O extends PropertyOptions>(options?: O): Property<string, AlwaysThere<O>> {
  return property<string, O>("json", options);
}

/** An IAM policy document as JSON text, compared as IAM does: order and single-element lists do not matter. */
export function policy<const O extends PropertyOptions>(options?: O): Property<string, AlwaysThere<O>> {
  return property<string, O>("policy", options);
}

/** Names to text, as tags. */
export function map<const O extends PropertyOptions>(
  options?: O,
): Property<Record<string, string>, AlwaysThere<O>> {
  return property<Record<string, string>, O>("map", options);
}

export function object<const P extends Properties, const O extends PropertyOptions>(
  fields: P,
  options?: O,
): Property<ValuesOf<P>, AlwaysThere<O>> {
  return property<ValuesOf<P>, O>("object", options, { fields });
}

/** Elements whose order counts. */
export function list<const E extends Property, const O extends PropertyOptions>(
  element: E,
  options?: O,
): Property<ValueOf<E>[], AlwaysThere<O>> {
  return property<ValueOf<E>[], O>("list", options, { element });
}

/** Elements whose order does not count. */
export function set<const E extends Property, const O extends PropertyOptions>(
  element: E,
  options?: O,
): Property<ValueOf<E>[], AlwaysThere<O>> {
  return property<ValueOf<E>[], O>("set", options, { element });
}
