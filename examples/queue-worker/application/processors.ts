// One processor for each replica, which is the most that one may use. Linux with `taskset` (util-linux); elsewhere a replica has
// no limit of its own, and the check of processes says so.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Binds all threads of this process to one of the processors that it may use. @param instance number of the replica, from 0 */
export function bindToProcessor(instance: number): void {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const processors = numbersIn(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "");
    const processor = String(processors[instance % processors.length]);
    execFileSync("taskset", ["-a", "-c", "-p", processor, String(process.pid)], { stdio: "ignore" });
  } catch {
    // No such system or no such program: the process runs on, without a limit.
  }
}

/** @param ranges as Linux writes them, e.g. `0-2,5` */
function numbersIn(ranges: string): number[] {
  return ranges.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
