// Lists whose items become observations by their names.
import { z } from "zod";

/** Of two with one name nobody could tell which a box of the checklist rests on. */
export const namedList = <Item extends z.ZodType<{ name: string }>>(item: Item) =>
  z
    .array(item)
    .refine(
      (all) => new Set(all.map(({ name }) => name)).size === all.length,
      "names must be unique, since they tell observations apart",
    );
