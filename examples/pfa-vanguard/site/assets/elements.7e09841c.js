// DOM by hand: text is always set as text, so nothing that a person wrote is ever read as HTML.
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function fill(parent, ...children) {
  parent.replaceChildren(...children);
}

export function table(headings, rows) {
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...headings.map((text) => element("th", {}, text)))),
    element(
      "tbody",
      {},
      ...rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, cell ?? "")))),
    ),
  );
}

export function button(text, work) {
  const made = element("button", { type: "button" }, text);
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await work();
    } catch (error) {
      made.replaceWith(element("span", { className: "error" }, error.message));
    }
  });
  return made;
}
