// How the demo makes one step fail: by making the system really wrong in a way that only this step should notice.
// The values are environment variables to which the example's local stack refers.

export type FailingStep = "preflight" | "backup" | "migration" | "release" | "health" | "smoke" | "security";

export const FAILURES: Record<FailingStep, { [variable: string]: string }> = {
  // A rate limit that is no number: the environment's rules refuse it.
  preflight: { GREENLIGHT_DEMO_RATE_LIMIT: "plenty" },
  // A restore that must be over before it can begin.
  backup: { GREENLIGHT_DEMO_RTO_SECONDS: "1" },
  // A migration with a fault in its third statement.
  migration: { GREENLIGHT_DEMO_MIGRATIONS: "faults/migrations" },
  // The application answers an older version than the one released.
  release: { GREENLIGHT_DEMO_FAULTS: "wrong-version" },
  health: { GREENLIGHT_DEMO_FAULTS: "health" },
  // Rules run and leave no history.
  smoke: { GREENLIGHT_DEMO_FAULTS: "rules-history" },
  // The strict transport header is missing.
  security: { GREENLIGHT_DEMO_FAULTS: "no-hsts" },
};
