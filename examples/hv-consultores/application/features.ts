// Whether a feature is on: its FEATURE_ variable is the ceiling, its row in feature_flags the live switch.
import { type Database, service } from "../../parts/database.ts";
import type { FeatureName, Settings } from "./settings.ts";

export interface Features {
  isOn(name: FeatureName): Promise<boolean>;
}

/** A request for something that is switched off; answered with 503. */
export class FeatureOff extends Error {
  readonly statusCode = 503;
  constructor(name: FeatureName) {
    super(`feature "${name}": off; switch on its variable and its row in feature_flags`);
  }
}

export function createFeatures(settings: Pick<Settings, "features">, database: Database): Features {
  return {
    async isOn(name) {
      if (!settings.features[name]) return false;
      const text = "SELECT enabled FROM feature_flags WHERE name = $1";
      const [flag] = await database.query<{ enabled: boolean }>(service, text, [name]);
      return flag?.enabled === true;
    },
  };
}

/** @throws FeatureOff */
export async function requireFeature(features: Features, name: FeatureName): Promise<void> {
  if (!(await features.isOn(name))) throw new FeatureOff(name);
}
