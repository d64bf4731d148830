// Takes personal data and secrets out of what is logged: by form (mail addresses, phone numbers, tokens) and, for the
// worker's own secrets, by value. What has no form, such as a name, must not be logged in the first place.

const MARK = "[redacted]";

const forms = [
  /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu,
  // International or grouped: nine digits or more, so that no figure of milliseconds is taken for one.
  /(?<![\w.-])\+?\d{1,3}(?:[ ().-]{1,2}\d{2,4}){2,4}(?![\w-])|(?<![\w.-])\+\d{9,15}(?!\w)/g,
  // JSON Web Tokens, and keys with the usual prefixes.
  /\beyJ[\w-]+\.[\w-]+\.[\w-]+|\b(?:sk|pk|ghp|xox[abp])[-_][\w-]{12,}/g,
  /\b(?:\d[ -]?){13,19}\b/g,
];

/** @param secrets values that are taken out wherever they stand; shorter than 6 characters they would hit words. */
export function redact(text: string, secrets: readonly string[]): string {
  const open = secrets
    .filter((secret) => secret.length >= 6)
    .reduce((left, secret) => left.replaceAll(secret, MARK), text);
  return forms.reduce((left, form) => left.replaceAll(form, MARK), open);
}
