// What others see: public addresses, certificates, the age of the newest backup.
import { connect } from "node:tls";
import type { S3Client } from "@aws-sdk/client-s3";
import { attempt } from "../../checks/http/request.ts";
import { REPORTS } from "../../checks/scheduled-backup/reports.ts";
import { type Reading, shareOf, single } from "../reading.ts";

/** How many of the addresses answer with a status from 200 to `highest`. */
export async function answering(urls: string[], highest: number, signal: AbortSignal): Promise<number> {
  const answers = await Promise.all(urls.map((url) => attempt({ url, timeoutSeconds: 10, signal })));
  return answers.filter((answer) => "status" in answer && answer.status >= 200 && answer.status <= highest)
    .length;
}

export async function availability(urls: string[], signal: AbortSignal): Promise<Reading> {
  return shareOf(await answering(urls, 399, signal), urls.length);
}

/** Days until the first of the certificates expires. @throws when a host shows none that is trusted */
export async function certificateDays(hosts: string[]): Promise<Reading> {
  const days = await Promise.all(hosts.map(daysOf));
  return single(Math.min(...days));
}

function daysOf(address: string): Promise<number> {
  const { hostname: host, port } = new URL(`tls://${address}`);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port || 443), servername: host, timeout: 10_000 });
    socket.once("timeout", () =>
      socket.destroy(new Error(`certificate "${address}": no answer within 10 s`)),
    );
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      const { valid_to } = socket.getPeerCertificate();
      socket.end();
      resolve((Date.parse(valid_to) - Date.now()) / 86_400_000);
    });
  });
}

/** Hours since the newest backup was stored; the report of a run that failed is none. @throws when there is no backup */
export async function backupAge(s3: S3Client, bucket: string, signal: AbortSignal): Promise<Reading> {
  const { paginateListObjectsV2 } = await import("@aws-sdk/client-s3");
  let newest = 0;
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket }, { abortSignal: signal }))
    for (const { Key, LastModified } of page.Contents ?? [])
      if (!Key?.startsWith(`${REPORTS}/`)) newest = Math.max(newest, LastModified?.getTime() ?? 0);
  if (newest === 0) throw new Error(`backups "${bucket}": no backup, want one; is a backup ever made?`);
  return single((Date.now() - newest) / 3_600_000);
}
