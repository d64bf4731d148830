// The certificate authority of one set of services and the certificate that its TLS ports show.
//
// Both are made once and kept, so that clients may pin the authority's file. The private keys never leave the folder.

// The X.509 library needs its metadata polyfill loaded before it.
import "reflect-metadata";
import { KeyObject, randomBytes, webcrypto, X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

/** Paths of PEM files. */
export interface Certificates {
  authority: string;
  certificate: string;
  key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Clients refuse server certificates that are valid for longer. */
const SERVER_DAYS = 397;
const RENEW_DAYS = 30;

/** The certificates in `folder`; made when absent, the server's one renewed 30 days before it expires. */
export async function ensureCertificates(folder: string): Promise<Certificates> {
  const files = {
    authority: join(folder, "ca.pem"),
    authorityKey: join(folder, "ca-key.pem"),
    certificate: join(folder, "server.pem"),
    key: join(folder, "server-key.pem"),
  };
  if (await isCurrent(files.certificate)) return files;
  await mkdir(folder, { recursive: true });
  const authority = (await isCurrent(files.authority))
    ? await readAuthority(files.authority, files.authorityKey)
    : await makeAuthority(files.authority, files.authorityKey);
  await makeServerCertificate(authority, files.certificate, files.key);
  return files;
}

interface Authority {
  certificate: x509.X509Certificate;
  privateKey: webcrypto.CryptoKey;
}

async function makeAuthority(certificateFile: string, keyFile: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    // The serial in the name keeps authorities of several clones apart in one trust store.
    name: `CN=Greenlight local authority ${serial().slice(0, 8)}`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + AUTHORITY_DAYS * DAY),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writeKey(keyFile, keys.privateKey);
  await writeFile(certificateFile, `${certificate.toString("pem")}\n`);
  return { certificate, privateKey: keys.privateKey };
}

async function readAuthority(certificateFile: string, keyFile: string): Promise<Authority> {
  const certificate = new x509.X509Certificate(await readFile(certificateFile, "utf8"));
  const [pkcs8] = x509.PemConverter.decode(await readFile(keyFile, "utf8"));
  if (pkcs8 === undefined)
    throw new Error(`certificates "${keyFile}": no private key in it; delete the folder`);
  const privateKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
  return { certificate, privateKey };
}

async function makeServerCertificate(
  authority: Authority,
  certificateFile: string,
  keyFile: string,
): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: "CN=127.0.0.1",
    issuer: authority.certificate.subject,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + (SERVER_DAYS - 1) * DAY),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "dns", value: "localhost" },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writeKey(keyFile, keys.privateKey);
  await writeFile(certificateFile, `${certificate.toString("pem")}\n`);
}

async function writeKey(file: string, key: webcrypto.CryptoKey): Promise<void> {
  await writeFile(file, KeyObject.from(key).export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
}

/** Positive and 16 bytes at most, as RFC 5280 asks. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
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
