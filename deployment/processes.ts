// The application's processes as they run now.
import { Processes } from "../checks/processes.ts";
import type { Stack } from "./stack.ts";

export function processes(stack: Stack): void {
  const { settings, sequence } = stack;
  if (settings.processes) sequence.add(Processes, "processes", settings.processes);
}
