// The order of a handler's verbs, and what goes into state, on a service of a few lines in memory.

import { beforeEach, describe, expect, it } from "vitest";
import { resourceHandler } from "../../local/providers/handler.ts";
import { createProvider, type LocalProvider } from "../../local/providers/provider.ts";
import { flag, map, text } from "../../local/providers/schema.ts";

interface Shelf {
  books: Map<string, { title: string; tags: Record<string, string> }>;
  calls: string[];
  /** The next call that is to fail. */
  broken?: string;
}

function call(shelf: Shelf, verb: string): void {
  shelf.calls.push(verb);
  if (shelf.broken !== verb) return;
  shelf.broken = undefined;
  throw Object.assign(new Error("out of\n  order"), { name: "ShelfError" });
}

const book = resourceHandler<Shelf>()({
  inputs: {
    name: text({ replace: true, name: { maxLength: 30 } }),
    title: text({ required: true }),
    owner: text({ secret: true }),
    tags: map(),
    keep: flag({ default: false, kept: true }),
  },
  outputs: { arn: text(), ticket: text({ kept: true }) },
  identify: ({ name }) => name,
  async observe(id, _known, shelf) {
    call(shelf, "observe");
    const found = shelf.books.get(id);
    return found && { name: id, arn: `arn:${id}`, title: found.title, tags: found.tags };
  },
  async create({ name, title }, shelf) {
    call(shelf, "create");
    shelf.books.set(name, { title, tags: {} });
    return { id: name, once: { ticket: "told once" } };
  },
  async sync(id, { title, tags = {} }, _observed, shelf) {
    call(shelf, "sync");
    shelf.books.set(id, { title, tags });
  },
  async delete(id, { keep }, shelf) {
    call(shelf, "delete");
    if (!keep) shelf.books.delete(id);
  },
});

const urn = "urn:pulumi:s::p::greenlight:infra:Case$shop:shelf/book:Book::night::shift";
let shelf: Shelf;
let provider: LocalProvider;

beforeEach(async () => {
  shelf = { books: new Map(), calls: [] };
  provider = createProvider<Shelf>({
    package: "shop",
    version: "1.0.0",
    config: { region: text() },
    openSession: () => shelf,
    closeSession: async () => {},
    resources: { "shop:shelf/book:Book": async () => book },
    invokes: {},
  });
  await provider.configure({});
});

const inputsOf = async (news: Record<string, unknown>) => (await provider.check(urn, {}, news)).inputs;

describe("create", () => {
  it("makes what is absent, changes what creation left out, and keeps what is told once", async () => {
    const inputs = await inputsOf({ title: "Dracula", name: "d", tags: { a: "b" } });
    expect(await provider.create(urn, inputs)).toEqual({
      id: "d",
      outs: { name: "d", arn: "arn:d", title: "Dracula", tags: { a: "b" }, keep: false, ticket: "told once" },
    });
    expect(shelf.calls).toEqual(["observe", "create", "observe", "sync", "observe"]);
  });

  it("changes nothing more when creation made all of it", async () => {
    await provider.create(urn, await inputsOf({ title: "Dracula", name: "d" }));
    expect(shelf.calls).toEqual(["observe", "create", "observe"]);
  });

  it("adopts what a killed run left behind, and brings it up to date", async () => {
    shelf.books.set("d", { title: "Draft", tags: {} });
    await provider.create(urn, await inputsOf({ title: "Dracula", name: "d" }));
    expect(shelf.books.get("d")?.title).toBe("Dracula");
    expect(shelf.calls).not.toContain("create");
  });

  it("that fails half way says what exists, in one line with the service's own code", async () => {
    shelf.broken = "sync";
    const inputs = await inputsOf({ title: "Dracula", name: "d", tags: { a: "b" } });
    const failure = await provider.create(urn, inputs).catch((error: unknown) => error);
    const message = 'shop:shelf/book:Book "d": ShelfError: out of order';
    expect(failure).toMatchObject({ id: "d", message, reasons: [message] });
    expect(failure).toMatchObject({ properties: { name: "d", title: "Dracula", ticket: "told once" } });
  });

  it("that fails repeats no secret, even where the service does", async () => {
    shelf.broken = "create";
    const inputs = await inputsOf({ title: "Dracula", owner: "out of" });
    const failure = await provider.create(urn, inputs).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: expect.stringContaining("ShelfError: [secret] order") });
  });

  it("that fails at once leaves nothing in state", async () => {
    shelf.broken = "create";
    const failure = await provider
      .create(urn, await inputsOf({ title: "Dracula" }))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      message: 'shop:shelf/book:Book "night::shift": ShelfError: out of order',
    });
    expect(failure).not.toHaveProperty("id");
  });
});

describe("once made", () => {
  let outs: Record<string, unknown>;
  let inputs: Record<string, unknown>;

  beforeEach(async () => {
    inputs = await inputsOf({ title: "Dracula", name: "d", keep: true });
    outs = (await provider.create(urn, inputs)).outs;
    shelf.calls = [];
  });

  it("an update calls the service only for a difference", async () => {
    await provider.update("d", urn, outs, inputs);
    expect(shelf.calls).toEqual(["observe"]);
  });

  it("an update keeps what was told once, and takes new values of what is never told", async () => {
    const news = { ...inputs, title: "Carmilla", keep: false };
    const updated = await provider.update("d", urn, outs, news);
    expect(updated.outs).toMatchObject({ title: "Carmilla", keep: false, ticket: "told once" });
  });

  it("an update of what is gone asks for a refresh", async () => {
    shelf.books.clear();
    await expect(provider.update("d", urn, outs, { ...inputs, title: "x" })).rejects.toThrow(
      'shop:shelf/book:Book "d": not found, want it to exist; run refresh, then up again',
    );
  });

  it("a failed update tells what is there now", async () => {
    shelf.broken = "sync";
    const news = { ...inputs, title: "Carmilla" };
    const failure = await provider.update("d", urn, outs, news).catch((error: unknown) => error);
    expect(failure).toMatchObject({ id: "d", properties: { title: "Dracula", ticket: "told once" } });
  });

  it("read answers outputs and inputs as they were, or as somebody else left them", async () => {
    expect(await provider.read("d", urn, outs, inputs)).toEqual({ id: "d", props: outs, inputs });
    shelf.books.set("d", { title: "Draft", tags: { a: "b" } });
    const read = await provider.read("d", urn, outs, inputs);
    expect(read.props).toEqual({ ...outs, title: "Draft", tags: { a: "b" } });
    expect(read.inputs).toEqual({ ...inputs, title: "Draft", tags: { a: "b" } });
  });

  it("read by id alone answers what an import needs", async () => {
    const read = await provider.read("d", urn, {});
    expect(read).toEqual({
      id: "d",
      props: { name: "d", arn: "arn:d", title: "Dracula", tags: {} },
      inputs: { name: "d", title: "Dracula" },
    });
  });

  it("read of what is gone has no id", async () => {
    shelf.books.clear();
    expect(await provider.read("d", urn, outs, inputs)).toEqual({ id: "", props: {} });
  });

  it("delete knows the outputs", async () => {
    await provider.delete("d", urn, outs);
    expect(shelf.books.has("d")).toBe(true);
    await provider.delete("d", urn, { ...outs, keep: false });
    expect(shelf.books.has("d")).toBe(false);
  });
});

describe("before it is configured", () => {
  it("a provider checks and diffs, and refuses the rest", async () => {
    const fresh = createProvider<Shelf>({
      package: "shop",
      version: "1.0.0",
      config: {},
      openSession: () => shelf,
      closeSession: async () => {},
      resources: { "shop:shelf/book:Book": async () => book },
      invokes: {},
    });
    expect((await fresh.check(urn, {}, { title: "x" })).failures).toEqual([]);
    await expect(fresh.create(urn, { title: "x" })).rejects.toThrow('provider "shop": not configured');
  });
});
