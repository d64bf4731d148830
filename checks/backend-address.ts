// The address of a Pulumi backend as it may be told and kept.

/** It may carry a password, in which a plain `@` is allowed, or a token. */
export function withoutSecrets(address: string): string {
  return address.replace(/\/\/[^/?#]*@/, "//").replace(/\?.*$/, "");
}
