// Counts what crosses the network: requests that the client sends and answers that the server ends.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, connect as dial, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { newDatabase } from "../support/database.ts";
import { directoryOf, up } from "../support/migrations.ts";

/** A proxy that counts turns: data from the client after data from the server begins a new one. */
async function countingProxy(port: number) {
  const counter = { turns: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = dial(port, "127.0.0.1");
    let answered = true;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    near.on("data", (data) => {
      if (answered) counter.turns++;
      answered = false;
      far.write(data);
    });
    far.on("data", (data) => {
      answered = true;
      near.write(data);
    });
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, counter };
}

it("takes at most 1.2 network turns a file, verify blocks included, and a handful when nothing is pending", async () => {
  const direct = new URL(await newDatabase());
  const { port, counter } = await countingProxy(Number(direct.port));
  const url = new URL(direct.href);
  url.port = String(port);
  const files = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => {
      const number = String(index + 1).padStart(4, "0");
      const sql = `create table t${number} (id int primary key, name text);\ncreate index on t${number} (name);\n-- verify\nselect to_regclass('t${number}') is not null`;
      return [`${number}_t.sql`, sql];
    }),
  );
  const directory = directoryOf(files);
  expect((await up(url.href, directory)).applied).toHaveLength(100);
  expect(counter.turns).toBeGreaterThanOrEqual(100);
  expect(counter.turns).toBeLessThanOrEqual(120);
  counter.turns = 0;
  expect((await up(url.href, directory)).applied).toEqual([]);
  expect(counter.turns).toBeLessThanOrEqual(12);
});
