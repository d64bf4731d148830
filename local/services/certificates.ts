// The certificate authority of one set of services and the certificate that its TLS ports show.
//
// Both are made once and kept, so that clients may pin the authority's file. The private keys never leave the folder.

import { X509Certificate } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Paths of PEM files. */
export interface Certificates {
  authority: string;
  certificate: string;
  key: string;
}

const DAY = 86_400_000;
const RENEW_DAYS = 30;

/** The certificates in `folder`; made when absent, the server's one renewed 30 days before it expires. */
export async function ensureCertificates(folder: string): Promise<Certificates> {
  const files = {
    authority: join(folder, "ca.pem"),
    authorityKey: join(folder, "ca-key.pem"),
    certificate: join(folder, "server.pem"),
    key: join(folder, "server-key.pem"),
  };
  if (!(await isCurrent(files.certificate))) {
    await mkdir(folder, { recursive: true });
    // Loaded here because it takes a while and is needed once a year.
    const { makeAuthority, makeServerCertificate, readAuthority } = await import("./authority.ts");
    const authority = (await isCurrent(files.authority))
      ? await readAuthority(files.authority, files.authorityKey)
      : await makeAuthority(files.authority, files.authorityKey);
    await makeServerCertificate(authority, files.certificate, files.key);
  }
  return { authority: files.authority, certificate: files.certificate, key: files.key };
}

async function isCurrent(file: string): Promise<boolean> {
  try {
    const certificate = new X509Certificate(await readFile(file));
    return certificate.validToDate.getTime() > Date.now() + RENEW_DAYS * DAY;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
