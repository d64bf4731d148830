import { expect, it } from "vitest";
import { z } from "zod";
import { readOwn } from "../../checks/own-document.ts";

const entry = z.strictObject({ at: z.iso.datetime(), count: z.int() });

it("gives what was written", () => {
  const written = { at: "2026-05-04T09:00:00Z", count: 3 };
  expect(readOwn(entry, JSON.stringify(written), "entry.json", "delete it")).toEqual(written);
});

it.each([
  ['{"at":"2026-05-04T09:00:00Z","cou', "the whole: "],
  ["", "the whole: "],
  ['{"at":"yesterday","count":3}', "at: "],
  ['{"at":"2026-05-04T09:00:00Z","count":3,"more":1}', "the whole: "],
])("says of %j where it lies, what is wrong and what to do", (text, place) => {
  const read = () => readOwn(entry, text, "folder/entry.json", "delete it");
  expect(read).toThrow(
    new RegExp(`^folder/entry\\.json: ${place}.+; it is damaged, or not ours; delete it$`),
  );
});
