// The contract between a local provider and one resource type. The provider owns the order of the verbs
// (reconcile = observe → create if absent → sync → observe); a handler only says how each is done.

import type { CheckFailure, InvokeResult } from "@pulumi/pulumi/provider/index.js";
import type { Properties, ValuesOf } from "./schema.ts";

/** What is recorded of a resource: the inputs last applied and the outputs last seen; on creation the inputs only. */
export type Known<I extends Properties, O extends Properties> = Partial<ValuesOf<I> & ValuesOf<O>>;

export interface ResourceHandler<
  Session,
  I extends Properties = Properties,
  O extends Properties = Properties,
> {
  readonly inputs: I;
  /** Properties that only the service decides. */
  readonly outputs: O;
  /** Outputs that no update changes: a diff need not ask. */
  readonly stables?: readonly string[];

  /** Rules between properties, on known values only; unknown ones arrive as Pulumi's unknown text. */
  validate?(inputs: Known<I, O>): CheckFailure[];

  /** The id that `desired` will have, where it follows from the inputs: an existing one is then adopted. */
  identify?(desired: ValuesOf<I>, session: Session): string | Promise<string>;

  /** The live resource as outputs, or undefined when it does not exist. */
  observe(id: string, known: Known<I, O>, session: Session): Promise<Known<I, O> | undefined>;

  /** Makes the resource and returns its id. May leave to `sync` what can be changed later. */
  create(desired: ValuesOf<I>, session: Session): Promise<string | Created<O>>;

  /** Brings the live resource from `observed` to `desired`; called only when they differ. */
  sync?(id: string, desired: ValuesOf<I>, observed: Known<I, O>, session: Session): Promise<void>;

  /** Removes the resource; that it is absent already is success. */
  delete(id: string, known: Known<I, O>, session: Session): Promise<void>;
}

/** A new resource some of whose outputs are told only once; they are `kept` in the table of outputs. */
export interface Created<O extends Properties = Properties> {
  id: string;
  once: Partial<ValuesOf<O>>;
}

/** Fixes the handler's property types from its own tables. */
export function resourceHandler<Session>() {
  return <const I extends Properties, const O extends Properties>(
    handler: ResourceHandler<Session, I, O>,
  ): ResourceHandler<Session> => handler;
}

export interface LocalInvokeResult extends InvokeResult {
  /** True when the answer needs a service that is not configured: outputs are unknown, as in a preview. */
  readonly unknown?: boolean;
}

/** A data source. */
export interface Invoke<Session, I extends Properties = Properties> {
  readonly inputs: I;
  run(args: ValuesOf<I>, session: Session): Promise<LocalInvokeResult>;
}

/** Fixes the data source's argument types from its own table. */
export function invokeHandler<Session>() {
  return <const I extends Properties>(handler: Invoke<Session, I>): Invoke<Session> => handler;
}
