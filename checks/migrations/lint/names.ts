// The words by which lint's findings are told apart: a misspelled one must not let everything through.

/** All names that a finding and a directive may use. */
export const RULE_NAMES = [
  "constraint-without-not-valid",
  "definer-search-path",
  "drop-column",
  "drop-index-not-concurrent",
  "drop-table",
  "every-row",
  "index-not-concurrent",
  "lock-table",
  "missing-down",
  "missing-timeout",
  "missing-verify",
  "needs-no-transaction",
  "not-null-without-default",
  "refresh-not-concurrent",
  "rename-column",
  "rename-table",
  "set-not-null",
  "syntax",
  "table-rewrite",
  "truncate",
  "unique-without-index",
  "unknown-rule",
];

/** What may stop a release: a rule, or all findings of a severity. */
export const STOPPERS = ["error", "warning", "notice", ...RULE_NAMES];
