// Ways in which Khaacho can be wrong.
import { start } from "../../../examples/khaacho/application/main.ts";
import type { FaultList } from "../support/fault.ts";
import { switched } from "../support/switches.ts";

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
  ],
};
