// Makes the X.509 certificates of certificates.ts. The authority signs for 127.0.0.1 and localhost only because nothing
// else asks it to: whoever holds its key can sign for any name, so nobody should add it to a system's trust store.

// The X.509 library needs its metadata polyfill loaded before it.
import "reflect-metadata";
import { KeyObject, randomBytes, webcrypto } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Clients refuse server certificates that are valid for longer than 398. */
const SERVER_DAYS = 397;

export interface Authority {
  certificate: x509.X509Certificate;
  privateKey: webcrypto.CryptoKey;
}

export async function makeAuthority(certificateFile: string, keyFile: string): Promise<Authority> {
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

export async function readAuthority(certificateFile: string, keyFile: string): Promise<Authority> {
  const certificate = new x509.X509Certificate(await readFile(certificateFile, "utf8"));
  const [pkcs8] = x509.PemConverter.decode(await readFile(keyFile, "utf8"));
  if (pkcs8 === undefined)
    throw new Error(`certificates "${keyFile}": no private key in it; delete the folder`);
  const privateKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
  return { certificate, privateKey };
}

export async function makeServerCertificate(
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
