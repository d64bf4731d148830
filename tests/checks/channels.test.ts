// Who got the test messages of a drill, from a receiver that they reach one after the other.
import { expect, it } from "vitest";
import { judgeChannels } from "../../checks/alarms/channels.ts";
import { answer, withServer } from "./support/http-server.ts";

/** Verdicts where messages arrive so many milliseconds after the drill began. */
async function verdicts(
  arriving: { to: string; id: string; after: number }[],
  faulty?: number,
): Promise<string[]> {
  const began = performance.now();
  let requests = 0;
  return await withServer(
    (request, response) => {
      requests += 1;
      // A receiver that is just being started anew, as a balancer before it shows.
      if (requests === faulty) return void request.socket.destroy();
      const there = arriving.filter(({ after }) => performance.now() - began >= after);
      const messages = there.map(({ to, id }) => ({ name: to, text: `drill-${id}: test message` }));
      answer(response, 200, messages);
    },
    async (receiptUrl) => {
      const receivers = [
        { name: "pager", hook: "pager", told: ["a"] },
        { name: "chat", hook: "chat", told: ["b"] },
      ];
      const look = { word: "drill", drilled: ["a", "b"], receiptUrl, deliverySeconds: 20 };
      const delivered = Promise.resolve();
      const seen = await judgeChannels(receivers, { ...look, delivered }, AbortSignal.timeout(60_000));
      return seen.map(
        ({ id, result, observed }) => `${id} ${result}: ${observed.replace(/after [\d.]+ s/, "")}`,
      );
    },
  );
}

const right = [
  { to: "pager", id: "a", after: 0 },
  { to: "chat", id: "b", after: 300 },
];

it("passes when each receiver got the messages of its alarms alone", async () => {
  expect(await verdicts(right)).toEqual([
    "channel-pager passed: 1 of 1 ; of no other",
    "channel-chat passed: 1 of 1 ; of no other",
  ]);
});

it("asks again where the receiver did not answer once", async () => {
  expect(await verdicts(right, 2)).toEqual([
    "channel-pager passed: 1 of 1 ; of no other",
    "channel-chat passed: 1 of 1 ; of no other",
  ]);
});

it("fails when another alarm's message reaches a receiver once it has all of its own", async () => {
  expect(await verdicts([...right, { to: "pager", id: "b", after: 400 }])).toEqual([
    "channel-pager failed: 1 of 1 ; also b",
    "channel-chat passed: 1 of 1 ; of no other",
  ]);
});
