// Engine events as JSON for `--json` and `--event-log`: numbered, timed, secrets hidden.
import { mapSecrets } from "../state/secrets.ts";
import {
  type EngineEvent,
  SECRET,
  SIGNATURE,
  type StepMetadata,
  type StepState,
  type Value,
} from "../types.ts";

const HIDDEN: Value = { [SIGNATURE]: SECRET, ciphertext: "[secret]" };

/** Numbers events from 0 and renders each as one line of JSON without its line end. */
export class EventWriter {
  #sequence = 0;

  render(event: EngineEvent): string {
    const timestamp = Math.floor(Date.now() / 1000);
    return JSON.stringify({ sequence: this.#sequence++, timestamp, ...hideEvent(event) });
  }
}

function hideEvent(event: EngineEvent): EngineEvent {
  const { resourcePreEvent, resOutputsEvent, resOpFailedEvent } = event;
  if (resourcePreEvent) return { resourcePreEvent: { metadata: hideMetadata(resourcePreEvent.metadata) } };
  if (resOutputsEvent) return { resOutputsEvent: { metadata: hideMetadata(resOutputsEvent.metadata) } };
  if (resOpFailedEvent) {
    return { resOpFailedEvent: { ...resOpFailedEvent, metadata: hideMetadata(resOpFailedEvent.metadata) } };
  }
  return event;
}

function hideMetadata(metadata: StepMetadata): StepMetadata {
  return { ...metadata, old: hideState(metadata.old), new: hideState(metadata.new) };
}

function hideState(state: StepState | null): StepState | null {
  if (!state) return null;
  const hide = (values: StepState["inputs"]) => mapSecrets(values, () => HIDDEN) as StepState["inputs"];
  return { ...state, inputs: hide(state.inputs), outputs: hide(state.outputs) };
}
