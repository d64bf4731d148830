// One expected object, looked up in the catalog.

export interface Look {
  /** The observation's id, e.g. `index-idx-queue-jobs-estado`. */
  id: string;
  name: string;
  expected: string;
  /** What is wrong; empty when it is as wanted. */
  faults: string[];
  seen: string;
}

/** `search_path=pg_catalog, public` as name and value. */
export function split(setting: string): [string, string] {
  const at = setting.indexOf("=");
  return [setting.slice(0, at), setting.slice(at + 1)];
}
