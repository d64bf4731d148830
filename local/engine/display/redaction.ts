// Secret configuration values are hidden wherever a program, a provider or the engine says them.
import type { ConfigValue, EngineEvent } from "../types.ts";

const SHORTEST = 4;

/** Texts that must never be shown: secret values, and of objects the texts in them that are secret. */
export function secretTexts(config: ReadonlyMap<string, ConfigValue>): string[] {
  const found = new Set<string>();
  for (const { value, secret, hidden = [value] } of config.values()) {
    if (secret) for (const text of hidden) found.add(text);
  }
  const lines = [...found].flatMap((text) => [text, JSON.stringify(text).slice(1, -1), ...text.split("\n")]);
  // Very short texts and truth values would hide half of every sentence.
  const long = lines.filter((text) => text.trim().length >= SHORTEST && text !== "true" && text !== "false");
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}

/** An event whose messages hide the texts. */
export function redactEvent(event: EngineEvent, texts: readonly string[]): EngineEvent {
  const { diagnosticEvent } = event;
  if (!diagnosticEvent) return event;
  return { diagnosticEvent: { ...diagnosticEvent, message: redact(diagnosticEvent.message, texts) } };
}

/** The text with every secret in it replaced by `[secret]`. */
export function redact(text: string, texts: readonly string[]): string {
  return texts.reduce((redacted, secret) => redacted.replaceAll(secret, "[secret]"), text);
}
