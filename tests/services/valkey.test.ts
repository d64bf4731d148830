import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { probeValkey } from "../../local/services/valkey.ts";

const TOKEN = "a-token-of-the-services";

/** The port of a server that answers what it is asked first with this and then says nothing more. */
async function answering(text: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(text));
  });
  onTestFinished(() => void server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** What a probe says that has not to wait for the end of its patience, 3 s. */
const probed = async (answer: string) =>
  Promise.race([probeValkey(await answering(answer), TOKEN), wait(2_500, "waits", { ref: false })]);

it("knows a server that is ready", async () => {
  expect(await probed("+OK\r\n+PONG\r\n")).toBe(true);
});

it.each([
  ["lets nobody in yet", "-LOADING Valkey is loading the dataset in memory\r\n"],
  ["lets in while it loads its data", "+OK\r\n-LOADING Valkey is loading the dataset in memory\r\n"],
])("asks a server again at once that %s", async (_what, answer) => {
  expect(await probed(answer)).toBeUndefined();
});

it("says of a server with another token how to begin anew", async () => {
  await expect(probed("-WRONGPASS invalid username-password pair or user is disabled.\r\n")).rejects.toThrow(
    "valkey: refuses the recorded token; run `npx greenlight local reset`",
  );
});
