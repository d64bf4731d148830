// Khaacho's figure of failed jobs is of all its queues: a failed job of any of them is counted.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { measure } from "../../checks/measures/measure.ts";
import { readMeasures } from "../../checks/measures/reader.ts";
import { openRedis } from "../../checks/redis-client.ts";
import { queueNames } from "../../examples/khaacho/application/jobs.ts";
import { projectRoot } from "../../local/services/layout.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";

const stackFile = z.object({
  config: z.object({ "greenlight:observation": z.object({ measures: z.record(z.string(), z.unknown()) }) }),
});

it.each(["local", "production"])("counts a failed job of each queue, %s", async (stack) => {
  const { GREENLIGHT_REDIS_URL = "", GREENLIGHT_CA_FILE } = servicesEnvironment(await sharedServices());
  const path = join(projectRoot, "examples/khaacho", `Pulumi.${stack}.yaml`);
  const { measures } = stackFile.parse(parse(await readFile(path, "utf8"))).config["greenlight:observation"];
  const failed = measure().parse(measures["failed-jobs"]);
  const signal = AbortSignal.timeout(60_000);
  const redis = await openRedis(GREENLIGHT_REDIS_URL, { caFile: GREENLIGHT_CA_FILE, signal });
  const keys = queueNames.map((name) => `khaacho:${name}:failed`);
  const places = { redisUrl: GREENLIGHT_REDIS_URL, redisCaFile: GREENLIGHT_CA_FILE };
  const read = async () => (await readMeasures({ failed }, places, signal)).values.failed;
  try {
    await redis.send(["DEL", ...keys]);
    for (const [index, key] of keys.entries()) {
      expect(await read()).toBe(index);
      await redis.send(["ZADD", key, "1", "job"]);
    }
    expect(await read()).toBe(keys.length);
  } finally {
    await redis.send(["DEL", ...keys]);
    redis.close();
  }
});
