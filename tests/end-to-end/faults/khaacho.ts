// Ways in which Khaacho can be wrong.
import { start } from "../../../examples/khaacho/application/main.ts";
import { retentionRemoved } from "../support/bucket-faults.ts";
import type { FaultList } from "../support/fault.ts";
import { edited, logged, missing } from "../support/file-faults.ts";
import { unpushed } from "../support/git-faults.ts";
import { altered, misset, switched } from "../support/switches.ts";

export const list: FaultList = {
  system: "khaacho",
  start,
  faults: [
    {
      name: "login-any",
      wrong: "any password opens",
      steps: ["smoke"],
      boxes: ["004-051"],
      apply: switched("login-any"),
    },
    {
      name: "order-total",
      wrong: "a cent is added to each order",
      steps: ["smoke"],
      boxes: ["004-052"],
      apply: switched("order-total"),
    },
    {
      name: "routing-dearest",
      wrong: "the dearest vendor gets the orders",
      steps: ["smoke"],
      boxes: ["004-053"],
      apply: switched("routing-dearest"),
    },
    {
      name: "payment-balance",
      wrong: "payments reduce nothing",
      steps: ["smoke"],
      boxes: ["004-054"],
      apply: switched("payment-balance"),
    },
    {
      name: "credit-score",
      wrong: "everybody has the same credit score",
      steps: ["smoke"],
      boxes: ["004-055"],
      apply: switched("credit-score"),
    },
    {
      name: "whatsapp-verify-any",
      wrong: "any token registers an address at WhatsApp",
      steps: ["smoke"],
      boxes: ["004-018", "004-056"],
      apply: switched("whatsapp-verify-any"),
    },
    {
      name: "worker-missing",
      wrong: "only six of the seven workers run",
      steps: ["smoke"],
      boxes: ["004-024", "004-048", "004-057", "004-067"],
      apply: switched("worker-missing"),
    },
    {
      name: "sql-injection",
      wrong: "a search is part of the statement",
      steps: ["smoke"],
      boxes: ["004-032"],
      apply: switched("sql-injection"),
    },
    {
      name: "markup",
      wrong: "the answer of a search is a page",
      steps: ["smoke"],
      boxes: ["004-032", "004-033"],
      apply: switched("markup"),
    },
    {
      name: "rate-limit-off",
      wrong: "nobody is limited in the number of requests",
      steps: ["security"],
      boxes: ["004-028", "004-088"],
      apply: switched("rate-limit-off"),
    },
    {
      name: "cors-open",
      wrong: "browsers may call from any page",
      steps: ["security"],
      boxes: ["004-029", "004-088"],
      apply: switched("cors-open"),
    },
    {
      name: "no-csp",
      wrong: "answers carry no content security policy",
      steps: ["security"],
      boxes: ["004-030", "004-033", "004-088"],
      apply: switched("no-csp"),
    },
    {
      name: "index-dropped",
      wrong: "an index of the orders is missing",
      steps: ["schema"],
      boxes: ["004-006", "004-042", "004-059"],
      apply: altered("DROP INDEX orders_by_state", "CREATE INDEX orders_by_state ON orders (state)"),
    },
    {
      name: "function-changed",
      wrong: "the credit score is worked out with its owner's rights",
      steps: ["schema"],
      boxes: ["004-041"],
      apply: altered(
        "ALTER FUNCTION credit_score_of(uuid) SECURITY DEFINER",
        "ALTER FUNCTION credit_score_of(uuid) SECURITY INVOKER",
      ),
    },
    {
      name: "column-changed",
      wrong: "a column of the prices may be empty",
      steps: ["schema"],
      boxes: ["004-041"],
      apply: altered(
        "ALTER TABLE price_history ALTER COLUMN average_cents DROP NOT NULL",
        "ALTER TABLE price_history ALTER COLUMN average_cents SET NOT NULL",
      ),
    },
    {
      name: "log-error",
      wrong: "one error from the start stands in the log",
      steps: ["logs"],
      boxes: ["004-022", "004-046"],
      apply: logged("application", "{time} | ERROR | main | Processing failed {}"),
    },
    {
      name: "view-missing",
      wrong: "the view of slow queries is missing",
      steps: ["schema", "rows"],
      boxes: ["004-043", "004-066", "004-068", "004-079", "004-087"],
      apply: altered(
        "ALTER VIEW slow_queries RENAME TO slow_queries_away",
        "ALTER VIEW slow_queries_away RENAME TO slow_queries",
      ),
    },
    {
      name: "migration-forgotten",
      wrong: "the history does not know migration 011",
      steps: ["rows"],
      boxes: ["004-004", "004-039"],
      apply: altered(
        "CREATE TABLE kept AS SELECT * FROM greenlight_migrations WHERE version = '011'; DELETE FROM greenlight_migrations WHERE version = '011'",
        "INSERT INTO greenlight_migrations SELECT * FROM kept; DROP TABLE kept",
      ),
    },
    {
      name: "roles-made",
      wrong: "the application's role may make roles",
      steps: ["rows"],
      boxes: ["004-003", "004-088"],
      apply: altered(
        "ALTER ROLE khaacho_application CREATEROLE",
        "ALTER ROLE khaacho_application NOCREATEROLE",
      ),
    },
    {
      name: "port-a-word",
      wrong: "the port of Redis is a word and no number",
      steps: ["preflight"],
      boxes: ["004-013", "004-015", "004-019"],
      apply: misset("preflight", "environment", (was) => ({ ...(was as object), REDIS_PORT: "usual" })),
    },
    {
      name: "password-short",
      wrong: "the password of the database has 8 characters",
      steps: ["preflight"],
      boxes: ["004-007", "004-013", "004-014", "004-019", "004-026"],
      apply: misset("preflight", "environment", (was) => ({
        ...(was as object),
        DATABASE_URL:
          "postgresql://khaacho:12345678@127.0.0.1/khaacho?sslmode=require&connection_limit=20&pool_timeout=10",
      })),
    },
    {
      name: "backups-kept-for-ever",
      wrong: "no backup ever expires",
      steps: ["backup"],
      boxes: ["004-072"],
      apply: retentionRemoved,
    },
    {
      name: "schema-undocumented",
      wrong: "the description of the database is missing",
      steps: ["documents"],
      boxes: ["004-090"],
      apply: missing("docs/DATABASE_SCHEMA.md"),
    },
    {
      name: "route-undocumented",
      wrong: "the description of the API lacks a route",
      steps: ["documents"],
      boxes: ["004-090"],
      apply: edited("docs/API_DOCUMENTATION.md", "`GET /api/v1/products`", "the products"),
    },
    {
      name: "branch-not-pushed",
      wrong: "the production branch is behind at its origin",
      steps: ["build"],
      boxes: ["004-034"],
      apply: unpushed("production", "v1.1.0"),
    },
  ],
};
