// The arguments of a step's resource class, derived from the step's own schema: one place says what a check takes,
// and its comments show in the editor wherever the class is used.
import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";

type Deferred<T> = pulumi.Input<
  T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? Deferred<Item>[]
      : { [Key in keyof T]: Deferred<T[Key]> }
>;

/** What a stack writes for a schema: every value, at any depth, may be an output of another resource. */
export type ArgsOf<Inputs extends () => z.ZodObject> = {
  [Key in keyof z.input<ReturnType<Inputs>>]: Deferred<z.input<ReturnType<Inputs>>[Key]>;
};
