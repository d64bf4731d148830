// HTML text from values: everything that is not markup is escaped.

/** Text that is already HTML. */
export class Markup {
  readonly html: string;
  constructor(html: string) {
    this.html = html;
  }
}

type Part = Markup | string | number | undefined | Part[];

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function render(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.html;
  return Array.isArray(part) ? part.map(render).join("") : escaped(String(part));
}

/** A template tag: the literal parts are HTML, the values are text unless they are Markup. */
export function markup(literals: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(String.raw({ raw: literals }, ...parts.map(render)));
}
