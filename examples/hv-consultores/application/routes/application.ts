// What a file of routes gets: the running parts of the application.
import type { Processor } from "../queue/processor.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { System } from "../system.ts";

/** The application while it runs. */
export interface Application {
  system: System;
  processor: Processor;
  scheduler: Scheduler;
}
