// The life of one process of an application under a process manager: trusts the authority, starts, says `ready`, and
// stops when it is told to.
import { readFileSync } from "node:fs";
import tls from "node:tls";

/** Runs until SIGTERM or SIGINT; a process that cannot start says why and ends with 1. */
export async function runProcess(
  start: (environment: NodeJS.ProcessEnv) => Promise<{ stop(): Promise<void> }>,
): Promise<void> {
  try {
    trustAuthority(process.env.NODE_EXTRA_CA_CERTS);
    const running = await start(process.env);
    let stopping = false;
    const stop = () => {
      if (stopping) return;
      stopping = true;
      running.stop().then(() => process.exit(0), fail);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    process.send?.("ready");
  } catch (error) {
    fail(error);
  }
}

/**
 * Node reads NODE_EXTRA_CA_CERTS when a process begins, but pm2 sets a process's variables after that: what counts
 * there is the environment in which pm2's own daemon was once started.
 */
function trustAuthority(file: string | undefined): void {
  if (!file) return;
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(file, "utf8")]);
}

function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
