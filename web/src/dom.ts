// Elements made in one line each. Text is never parsed as HTML.

type Properties<K extends keyof HTMLElementTagNameMap> = Partial<Omit<HTMLElementTagNameMap[K], "dataset">> & {
  aria?: Record<string, string>;
  data?: Record<string, string>;
};

/** Make an element with properties, ARIA attributes and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties<K> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const { aria, data, ...rest } = properties;
  const element = document.createElement(tag);
  Object.assign(element, rest);
  for (const [name, value] of Object.entries(aria ?? {})) element.setAttribute(`aria-${name}`, value);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

/** Return the element of an id; the page has it. */
export function one<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

let choices = 0;

/** Make a labelled choice. */
export function choice(
  label: string,
  options: readonly (readonly [string, string])[],
  chosen: string,
  change: (value: string) => void,
): HTMLElement {
  const id = `choice-${++choices}`;
  const select = make("select", { id }, ...options.map(([value, words]) => new Option(words, value, false, value === chosen)));
  select.addEventListener("change", () => change(select.value));
  return make("span", { className: "choice" }, make("label", { htmlFor: id }, label), select);
}

/** Make a button. */
export function button(words: string, act: () => void, properties: Properties<"button"> = {}): HTMLButtonElement {
  const made = make("button", { type: "button", ...properties }, words);
  made.addEventListener("click", act);
  return made;
}

/** Save content as a file. */
export function save(content: Blob | string, type: string, name: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = make("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
