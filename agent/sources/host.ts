// Figures of the machine that the agent runs on.
import { statfs } from "node:fs/promises";
import { cpus, freemem, totalmem } from "node:os";
import { type Reading, single } from "../reading.ts";

/** In per cent; on Linux what the kernel could free counts as free. */
export function memoryUsed(): Reading {
  return single(100 * (1 - freemem() / totalmem()));
}

export async function diskFree(path: string): Promise<Reading> {
  const { bavail, blocks } = await statfs(path);
  return single((100 * bavail) / blocks);
}

/** Processor time between two looks. */
export class ProcessorTime {
  #last = times();

  /** In per cent of all processors. */
  used(): Reading {
    const now = times();
    const passed = now.all - this.#last.all;
    const idle = now.idle - this.#last.idle;
    this.#last = now;
    return single(passed > 0 ? 100 * (1 - idle / passed) : 0);
  }
}

function times(): { all: number; idle: number } {
  const each = cpus().map((cpu) => cpu.times);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return { all: sum(each.flatMap(Object.values)), idle: sum(each.map(({ idle }) => idle)) };
}
