// `preview --json`: one document with every step, what was said and the counts; secrets as `[secret]`.
import type { EngineEvent, StepMetadata, StepState, Value } from "../types.ts";
import type { Display } from "./display.ts";
import { hideSecrets } from "./outputs.ts";

type Json = { [key: string]: Value };

/** Collects a preview and prints one JSON document at its end. */
export class PreviewJsonDisplay implements Display {
  readonly #write: (text: string) => void;
  readonly #config: Json;
  readonly #steps: Json[] = [];
  readonly #diagnostics: Json[] = [];
  #summary: EngineEvent["summaryEvent"];

  /** `config` is shown with `--show-config`, already without secrets. */
  constructor(write: (text: string) => void, config: Json = {}) {
    this.#write = write;
    this.#config = config;
  }

  event({ resourcePreEvent, resOutputsEvent, diagnosticEvent, summaryEvent }: EngineEvent): void {
    if (resourcePreEvent) this.#steps.push(stepJson(resourcePreEvent.metadata));
    if (resOutputsEvent) this.#update(resOutputsEvent.metadata);
    if (summaryEvent) this.#summary = summaryEvent;
    if (diagnosticEvent && !diagnosticEvent.ephemeral) {
      const { urn, prefix, message, severity } = diagnosticEvent;
      this.#diagnostics.push({ ...(urn && { urn }), ...(prefix && { prefix }), message, severity });
    }
  }

  finish(): void {
    const { resourceChanges = {}, durationSeconds = 0 } = this.#summary ?? {};
    const document = {
      ...(Object.keys(this.#config).length > 0 && { config: this.#config }),
      steps: this.#steps,
      ...(this.#diagnostics.length > 0 && { diagnostics: this.#diagnostics }),
      duration: durationSeconds * 1_000_000_000,
      changeSummary: resourceChanges,
    };
    this.#write(`${JSON.stringify(document, null, 2)}\n`);
  }

  // The step's new state is whole only when the step is over.
  #update(metadata: StepMetadata): void {
    const step = this.#steps.findLast(({ op, urn }) => op === metadata.op && urn === metadata.urn);
    if (step && metadata.new) step.newState = stateJson(metadata.new);
  }
}

function stepJson({ op, urn, provider, old, new: now, keys, diffs, detailedDiff }: StepMetadata): Json {
  return {
    op,
    urn,
    ...(provider && { provider }),
    ...(old && { oldState: stateJson(old) }),
    ...(now && { newState: stateJson(now) }),
    ...(diffs?.length && { diffReasons: diffs }),
    ...(keys?.length && { replaceReasons: keys }),
    detailedDiff: detailedDiff ?? null,
  };
}

function stateJson({
  urn,
  type,
  custom,
  id,
  parent,
  protect,
  inputs,
  outputs,
  provider,
  initErrors,
}: StepState): Json {
  return {
    urn,
    custom: custom === true,
    ...(id && { id }),
    type,
    ...(Object.keys(inputs).length > 0 && { inputs: hideSecrets(inputs) }),
    ...(Object.keys(outputs).length > 0 && { outputs: hideSecrets(outputs) }),
    ...(parent && { parent }),
    ...(protect && { protect }),
    ...(initErrors?.length && { initErrors }),
    ...(provider && { provider }),
  };
}
