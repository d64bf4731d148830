import { expect, it } from "vitest";
import { inParallel } from "../../checks/in-parallel.ts";

it("gives results in order, with no more at work than agreed", async () => {
  let [working, most] = [0, 0];
  const results = await inParallel([5, 1, 4, 2, 3], 2, async (item) => {
    working += 1;
    most = Math.max(most, working);
    await new Promise((resolve) => setTimeout(resolve, item));
    working -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

it("begins no item after one has failed, and says why", async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await new Promise((resolve) => setTimeout(resolve, 1));
    throw new Error(`item ${item}`);
  };
  await expect(inParallel([1, 2, 3, 4], 2, work)).rejects.toThrow("item 1");
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(begun).toEqual([1, 2]);
});

it("has nothing to do for no items", async () => {
  expect(await inParallel([], 4, async () => 1)).toEqual([]);
});
