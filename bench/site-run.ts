// One publication of a folder as one process: what the benchmark times.
import { S3Client } from "@aws-sdk/client-s3";
import { readSite } from "../checks/site/files.ts";
import { syncSite } from "../checks/site/sync.ts";

const [directory = ".", bucket = ""] = process.argv.slice(2);
const s3 = new S3Client({});
await syncSite(s3, bucket, await readSite(directory), 30, new AbortController().signal);
s3.destroy();
