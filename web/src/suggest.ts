// Suggestions below a search field, as a combobox with a listbox (WAI-ARIA Authoring Practices, combobox pattern).

interface Hit {
  id: string;
  label: string;
  name: string;
  type: string;
  external: boolean;
}

const MOST = 8; // suggestions at once
const PAUSE = 120; // milliseconds after a key

/** For a field whose suggestions do not open a page: where to search, which hits fit, and what choosing one does. */
interface Choice {
  address: string;
  fits: (hit: Hit) => boolean;
  choose: (hit: Hit) => void;
}

/** Suggest matching names; Enter on a suggestion opens its page, Enter without one submits the form. */
export function suggest(input: HTMLInputElement, choice?: Choice): void {
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  input.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "false",
  }))
    input.setAttribute(name, value);

  let timer = 0;
  let asked = 0;
  let chosen = -1;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index: number) => {
    const options = [...list.children] as HTMLElement[];
    chosen = (index + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    options[chosen]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[chosen]?.id ?? "");
  };
  const show = (hits: Hit[]) => {
    list.replaceChildren(...hits.map((hit, at) => option(hit, `${list.id}-${at}`, input)));
    if (choice)
      hits.forEach((hit, at) =>
        list.children[at]?.addEventListener("click", (event) => {
          event.preventDefault();
          close();
          choice.choose(hit);
        }),
      );
    list.hidden = hits.length === 0;
    chosen = -1;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  const search = async () => {
    const text = input.value.trim();
    const mine = ++asked;
    if (text.length < 2) return close();
    const address = new URL(choice?.address ?? input.dataset.suggest ?? "", document.baseURI);
    address.searchParams.set("q", text);
    address.searchParams.set("limit", String(choice ? 5 * MOST : MOST));
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (mine !== asked || !answer?.ok) return;
    const found = ((await answer.json()) as { items: Hit[] }).items;
    if (mine === asked) show(found.filter((hit) => !hit.external && (choice?.fits(hit) ?? true)).slice(0, MOST));
  };

  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(search, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
    } else if (event.key === "Escape") {
      event.preventDefault(); // a search field would be emptied
      close();
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      list.children[chosen]?.querySelector("a")?.click();
    }
  });
  input.addEventListener("blur", () => window.setTimeout(close, 200));
}

function option(hit: Hit, id: string, input: HTMLInputElement): HTMLElement {
  const item = document.createElement("li");
  item.id = id;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const link = document.createElement("a");
  link.href = new URL(`page/${hit.id}`, new URL(input.dataset.root ?? "", document.baseURI)).href;
  link.tabIndex = -1;
  link.textContent = hit.label;
  item.append(link);
  const note = hit.name.toLowerCase() === hit.label.toLowerCase() ? [] : [hit.name];
  const small = document.createElement("small");
  small.textContent = [hit.type.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase(), ...note].join(" · ");
  item.append(" ", small);
  return item;
}
