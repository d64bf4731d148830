import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { DiffDisplay } from "../../../local/engine/display/diff.ts";
import { differenceText } from "../../../local/engine/display/difference.ts";
import type { Display, DisplayOptions } from "../../../local/engine/display/display.ts";
import { EventWriter } from "../../../local/engine/display/event-json.ts";
import { LiveDisplay } from "../../../local/engine/display/live.ts";
import { renderOutputs } from "../../../local/engine/display/output-changes.ts";
import { ProgressDisplay } from "../../../local/engine/display/progress.ts";
import { redact, secretTexts } from "../../../local/engine/display/redaction.ts";
import { renderCounts } from "../../../local/engine/display/summary.ts";
import {
  type EngineEvent,
  type PropertyMap,
  SECRET,
  SIGNATURE,
  type StepMetadata,
  type StepState,
  UNKNOWN,
} from "../../../local/engine/types.ts";

const stackUrn = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";
const hush = { [SIGNATURE]: SECRET, value: "hush-hush" };

function state(name: string, inputs: PropertyMap, outputs = inputs): StepState {
  const type = "pulumi-nodejs:dynamic:Resource";
  return {
    urn: `urn:pulumi:dev::shop::${type}::${name}`,
    type,
    custom: true,
    id: `${name}-1`,
    parent: stackUrn,
    inputs,
    outputs,
    provider: "",
  };
}

function stack(outputs: PropertyMap): StepState {
  return {
    urn: stackUrn,
    type: "pulumi:pulumi:Stack",
    id: "",
    parent: "",
    inputs: {},
    outputs,
    provider: "",
  };
}

function metadata(
  op: StepMetadata["op"],
  old: StepState | null,
  now: StepState | null,
  more: Partial<StepMetadata> = {},
): StepMetadata {
  const { urn = "", type = "" } = now ?? old ?? {};
  return { op, urn, type, old, new: now, logical: true, provider: "", ...more };
}

function step(step: StepMetadata): EngineEvent[] {
  return [{ resourcePreEvent: { metadata: step } }, { resOutputsEvent: { metadata: step } }];
}

const created = state("new", { a: 1, pass: hush });
const [before, after] = [
  state("old", { v: "1", pass: hush }),
  state("old", { v: "2", pass: hush, more: [1, { x: true }] }),
];
const gone = state("gone", { v: "x" });
const failing = metadata("update", before, after);

/** A run with a creation, an update, a replacement's halves, a deletion, a failure and stack outputs. */
function run(preview: boolean): EngineEvent[] {
  const outputs = { url: preview ? UNKNOWN : "http://b", token: hush, deep: { list: ["x"] } };
  const stackStep = metadata("same", stack({ url: "http://a", dropped: 1 }), stack(outputs));
  return [
    { resourcePreEvent: { metadata: stackStep } },
    ...step(metadata("create", null, created)),
    ...step(metadata("create-replacement", before, after, { logical: false, keys: ["v"] })),
    ...step(metadata("replace", before, after, { keys: ["v"], diffs: ["v"] })),
    { resourcePreEvent: { metadata: { ...failing, urn: `${failing.urn}-2` } } },
    {
      diagnosticEvent: {
        urn: `${failing.urn}-2`,
        prefix: "",
        message: "no room\nleft\n",
        color: "never",
        severity: "error",
      },
    },
    { resOpFailedEvent: { metadata: { ...failing, urn: `${failing.urn}-2` }, status: 0, steps: 0 } },
    ...step(metadata("delete", gone, null)),
    { diagnosticEvent: { urn: "", prefix: "", message: "hello\n", color: "never", severity: "info" } },
    { resOutputsEvent: { metadata: stackStep } },
    {
      summaryEvent: {
        maybeCorrupt: false,
        durationSeconds: 61.2,
        resourceChanges: { create: 1, replace: 1, delete: 1, same: 1 },
        PolicyPacks: {},
        isPreview: preview,
        result: "failed",
      },
    },
  ];
}

function shown(make: (options: DisplayOptions) => Display, preview = false): string {
  let text = "";
  const display = make({
    headline: preview ? "Previewing update (dev):" : "Updating (dev):",
    stackUrn,
    preview,
    colored: false,
    showOutputs: true,
    showSames: false,
    showReads: false,
    write: (part) => {
      text += part;
    },
  });
  for (const event of run(preview)) display.event(event);
  display.finish();
  return text.replaceAll(/\(0(\.\d+)?s\)/g, "(0s)");
}

const sections = `Diagnostics:
  pulumi-nodejs:dynamic:Resource (old-2):
    error: no room
    left

  pulumi:pulumi:Stack (shop-dev):
    hello

Outputs:
  + deep   : {
        list: [
            [0]: "x"
        ]
    }
  - dropped: 1
  + token  : [secret]
  ~ url    : "http://a" => "http://b"

Resources:
    + 1 created
    - 1 deleted
    +-1 replaced
    3 changes. 1 unchanged
    1 errored

Duration: 1m2s
`;

describe("the lines of a run", () => {
  it("tell every change of a resource and end with the official sections", () => {
    expect(shown((options) => new ProgressDisplay(options))).toBe(`Updating (dev):

 +  pulumi-nodejs:dynamic:Resource new creating (0s)
 +  pulumi-nodejs:dynamic:Resource new created (0s)
 ++ pulumi-nodejs:dynamic:Resource old creating replacement (0s) [diff: +more~v]
 ++ pulumi-nodejs:dynamic:Resource old created replacement (0s) [diff: +more~v]
 +- pulumi-nodejs:dynamic:Resource old replaced [diff: ~v]
 ~  pulumi-nodejs:dynamic:Resource old-2 updating (0s) [diff: +more~v]
 ~  pulumi-nodejs:dynamic:Resource old-2 updating (0s) [diff: +more~v]; error: no room
 ~  pulumi-nodejs:dynamic:Resource old-2 **updating failed** [diff: +more~v]; error: no room
 -  pulumi-nodejs:dynamic:Resource gone deleting (0s)
 -  pulumi-nodejs:dynamic:Resource gone deleted (0s)
    pulumi:pulumi:Stack shop-dev running hello
    pulumi:pulumi:Stack shop-dev  1 message
${sections}
`);
  });

  it("of a preview say what would happen, and leave out outputs that merely became unknown", () => {
    const text = shown((options) => new ProgressDisplay(options), true);

    expect(text).toContain(" +  pulumi-nodejs:dynamic:Resource new create\n");
    expect(text).toContain("    +-1 to replace\n");
    expect(text).not.toContain("url");
    expect(text).not.toContain("Duration");
  });
});

describe("the counts of a run", () => {
  it.each([
    [{ delete: 1 }, 2, ["    - 1 deleted", "    2 errored"]],
    [{ create: 1, update: 2 }, 0, ["    + 1 created", "    ~ 2 updated", "    3 changes"]],
    [{ same: 3 }, 1, ["    3 unchanged", "    1 errored"]],
  ])("of %j with %i errored are the official ones", (changes, errored, lines) => {
    expect(renderCounts(changes, errored, false)).toEqual(["Resources:", ...lines, ""]);
  });
});

describe("stack outputs", () => {
  it("of a preview show a whole resource without the SDK's mark", () => {
    const resource = { id: "a-1", v: 1 };
    const after = { all: { "@isPulumiResource": true, ...resource } };
    expect(renderOutputs({ all: resource }, after, true).join("\n")).toBe(
      ["Outputs:", "  ~ all: {", '        id: "a-1"', "        v : 1", "    }", ""].join("\n"),
    );
  });

  const before = { all: { a: "1", b: "x", deep: { c: 1 } }, empty: "", list: ["u", 1, "p"], same: "s" };

  it("of an update are all shown, what changed inside an object or list beside what did not", () => {
    const after = { all: { a: "2", b: "x", deep: { c: 1 } }, list: ["u", { d: true }], new: [1], same: "s" };

    expect(renderOutputs(before, after, false).join("\n")).toBe(
      [
        "Outputs:",
        "  ~ all  : {",
        '      ~ a   : "1" => "2"',
        '        b   : "x"',
        "        deep: {",
        "            c: 1",
        "        }",
        "    }",
        '  - empty: ""',
        "  ~ list : [",
        '        [0]: "u"',
        "      - [1]: 1",
        "      + [1]: {",
        "            d: true",
        "        }",
        '      - [2]: "p"',
        "    ]",
        "  + new  : [",
        "        [0]: 1",
        "    ]",
        '    same : "s"',
        "",
      ].join("\n"),
    );
  });

  it("of a preview are those that change, without what is merely not known yet", () => {
    const after = {
      all: { a: UNKNOWN, b: "y", deep: UNKNOWN },
      empty: "",
      list: [UNKNOWN, 1, "p"],
      same: "s",
    };

    expect(renderOutputs(before, after, true).join("\n")).toBe(
      [
        "Outputs:",
        "  ~ all  : {",
        '      ~ b: "x" => "y"',
        "    }",
        "  ~ list : [",
        '      ~ [0]: "u" => [unknown]',
        "        [1]: 1",
        '        [2]: "p"',
        "    ]",
        "",
      ].join("\n"),
    );
    expect(renderOutputs(before, { ...before, same: UNKNOWN }, true)).toEqual([]);
  });

  it("of a new stack are listed", () => {
    expect(renderOutputs(undefined, { url: "http://a", none: [] }, false).join("\n")).toBe(
      ["Outputs:", '    url : "http://a"', ""].join("\n"),
    );
  });
});

describe("what differs, in short", () => {
  it("names added, removed and changed properties in this order, a path by the property that it is in", () => {
    const old = state("r", { gone: 1, kept: 1, v: 1, __provider: "1" });
    const now = state("r", { kept: 1, more: 1, other: 1, v: 2, __provider: "2" });
    const told = { diffKind: "add", inputDiff: true };

    expect(differenceText(metadata("update", old, now))).toBe("[diff: +more,other-gone~v]");
    expect(differenceText(metadata("update", old, now, { diffs: ["v"] }))).toBe("[diff: ~v]");
    expect(
      differenceText(metadata("update", old, now, { detailedDiff: { "tags.a": told, '["x.y"]': told } })),
    ).toBe("[diff: +x.y~tags]");
    expect(differenceText(metadata("update", old, { ...old, protect: true }))).toBe("[diff: ~protect]");
    expect(differenceText(metadata("same", old, now))).toBe("");
    expect(
      differenceText(metadata("update", old, { ...old, inputs: { ...old.inputs, __provider: "2" } })),
    ).toBe("");
  });
});

describe("a run that failed before the program gave outputs", () => {
  it("shows none as removed", () => {
    let text = "";
    const write = (part: string) => {
      text += part;
    };
    const options = { headline: "Updating (dev):", stackUrn, preview: false, colored: false, write };
    const display = new ProgressDisplay({
      ...options,
      showOutputs: true,
      showSames: false,
      showReads: false,
    });
    display.event({
      resourcePreEvent: { metadata: metadata("same", stack({ url: "http://a" }), stack({})) },
    });
    for (const event of run(false).slice(-1)) display.event(event);
    display.finish();

    expect(text).toContain("Resources:");
    expect(text).not.toContain("Outputs:");
  });
});

describe("the property tree", () => {
  it("shows each changed property, nested ones on lines of their own", () => {
    const text = shown((options) => new DiffDisplay(options), true);

    expect(text).toContain(`    + pulumi-nodejs:dynamic:Resource: (create)
        [id=new-1]
        [urn=${created.urn}]
        a   : 1
        pass: [secret]
`);
    expect(text).toContain(`    +-pulumi-nodejs:dynamic:Resource: (replace)
        [id=old-1]
        [urn=${before.urn}]
      + more: [
            [0]: 1
            [1]: {
                x: true
            }
        ]
      ~ v   : "1" => "2"
`);
    expect(text).toContain(
      `    - pulumi-nodejs:dynamic:Resource: (delete)\n        [id=gone-1]\n        [urn=${gone.urn}]\n        v: "x"\n`,
    );
    expect(text).toContain("    --outputs:--\n");
  });
});

describe("the live table", () => {
  it("ends with one line for each resource and the same sections", () => {
    const text = shown((options) => new LiveDisplay(options, () => ({ columns: 80, rows: 24 })));

    expect(stripVTControlCharacters(text)).toContain(
      " ~  pulumi-nodejs:dynamic:Resource  old-2  **updating failed**",
    );
    expect(text.endsWith(`${sections}\n`)).toBe(true);
  });
});

describe("secrets", () => {
  it("are hidden by every display and in logged events", () => {
    const writer = new EventWriter();
    const texts = [
      shown((options) => new ProgressDisplay(options)),
      shown((options) => new DiffDisplay(options), true),
      shown((options) => new LiveDisplay(options, () => ({ columns: 80, rows: 24 }))),
      ...run(false).map((event) => writer.render(event)),
    ];

    expect(texts.filter((text) => text.includes("hush-hush"))).toEqual([]);
    expect(texts.filter((text) => text.includes("[secret]")).length).toBeGreaterThan(3);
  });

  it("of the configuration are hidden in what is said, the longest first, trivial ones not at all", () => {
    const texts = secretTexts(
      new Map([
        ["a:pass", { value: "hunter2", secret: true }],
        ["a:longer", { value: "hunter2-extended", secret: true }],
        [
          "a:tree",
          {
            value: '{"pin":"0042-deep","host":"db.local"}',
            secret: true,
            object: true,
            hidden: ["0042-deep"],
          },
        ],
        ["a:flag", { value: "true", secret: true }],
        ["a:short", { value: "abc", secret: true }],
        ["a:plain", { value: "visible", secret: false }],
      ]),
    );

    expect(redact("hunter2-extended, hunter2, 0042-deep at db.local, true, abc, visible", texts)).toBe(
      "[secret], [secret], [secret] at db.local, true, abc, visible",
    );
  });
});
