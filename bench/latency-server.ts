// Waits 50 ms before it answers, and records how long each answer really took it; /truth tells. Prints its port.
import { createServer } from "node:http";

const DELAY_MILLISECONDS = 50;
const truth: number[] = [];

const server = createServer((request, response) => {
  if (request.url === "/truth") {
    response.end(JSON.stringify(truth));
    return;
  }
  const began = performance.now();
  setTimeout(() => {
    response.end("ok");
    truth.push(performance.now() - began);
  }, DELAY_MILLISECONDS);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(address !== null && typeof address === "object" ? address.port : "");
});
// Ends with whoever started it.
process.stdin.resume().once("end", () => process.exit(0));
