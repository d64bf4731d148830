// A process that takes each of a row of abandoned locks at the same moment as its fellows, and says where it was not alone.
//
// node take-abandoned.ts rollback|services FOLDER HOW_MANY BEGINS_AT
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { whileHolding } from "../../greenlight/rollback/lock.ts";
import { withLock } from "../../local/services/lock.ts";

const [lock, folder = "", many, beginsAt] = process.argv.slice(2);
const holding = (file: string, use: () => Promise<void>) =>
  lock === "services" ? withLock(file, 30, use) : whileHolding(file, "production", use);
for (let nth = 0; nth < Number(many); nth++) {
  const moment = Number(beginsAt) + nth * 100;
  await delay(moment - Date.now() - 10);
  while (Date.now() < moment); // a timer is not exact enough
  const alone = join(folder, `alone-${nth}`);
  await holding(join(folder, `lock-${nth}.json`), async () => {
    try {
      closeSync(openSync(alone, "wx"));
      await delay(40);
      rmSync(alone);
    } catch {
      process.stdout.write(`not alone with lock ${nth}\n`);
    }
  }).catch((error: Error) => {
    if (!error.message.includes("under way by")) throw error;
  });
}
