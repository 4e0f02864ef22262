// The question above the editor, with a choice of the entities that it is about.

import { choices, row, type Choice } from "./choices";
import { button, make, one } from "../dom";
import { entities, ID, label, load } from "./names";

/** Show the words of a question, if the query is one, and a choice for each VALUES row of entities. */
export async function showAsked(
  words: string,
  text: string,
  replace: (start: number, end: number, text: string) => void,
): Promise<void> {
  const card = one("asked");
  const found = choices(text);
  card.hidden = !words && found.length === 0;
  const focused = (document.activeElement as HTMLElement | null)?.dataset["place"];
  if (found.length) await load();
  card.replaceChildren(...(words ? [make("h2", {}, words)] : []));
  if (found.length)
    card.append(
      make(
        "div",
        { className: "choices" },
        ...found.map((each, at) => fields(each, at, (ids) => replace(each.start, each.end, row(each.name, ids)))),
      ),
    );
  if (focused) card.querySelector<HTMLElement>(`[data-place="${CSS.escape(focused)}"]`)?.focus();
}

function fields(choice: Choice, place: number, change: (ids: string[]) => void): HTMLElement {
  const kinds = [...new Set(choice.ids.map((id) => id.split("/")[0]!))];
  const group = make("fieldset", {}, make("legend", {}, choice.name.replace(/_/g, " ")));
  choice.ids.forEach((id, at) => {
    const line = make("span", { className: "one" }, select(choice, at, kinds, place, change));
    if (choice.ids.length > 1)
      line.append(
        button("×", () => change(choice.ids.filter((_, other) => other !== at)), {
          title: `Remove ${label(ID + id)}`,
          aria: { label: `Remove ${label(ID + id)}` },
          className: "small",
        }),
      );
    group.append(line);
  });
  group.append(
    button("add", () => change([...choice.ids, another(choice, kinds)]), {
      className: "small",
      title: "Add an entity",
      data: { place: `${place}-more` },
      disabled: another(choice, kinds) === "",
    }),
  );
  return group;
}

function select(choice: Choice, at: number, kinds: string[], place: number, change: (ids: string[]) => void): HTMLElement {
  const chosen = choice.ids[at]!;
  const made = make("select", { data: { place: `${place}-${at}` } });
  made.setAttribute("aria-label", choice.name);
  for (const kind of kinds) {
    const options = offered(kind).map(([id, words]) => new Option(words, id, false, id === chosen));
    made.append(...(kinds.length > 1 ? [make("optgroup", { label: kind.replace(/-/g, " ") }, ...options)] : options));
  }
  if (!entities.has(chosen)) made.prepend(new Option(`${chosen} (not in the dataset)`, chosen, false, true));
  made.addEventListener("change", () => change(choice.ids.map((id, other) => (other === at ? made.value : id))));
  return made;
}

/** Return the ids and labels of the entities of a kind, sorted by label. */
function offered(kind: string): [string, string][] {
  const found = [...entities].filter(([id]) => id.startsWith(`${kind}/`)).map(([id, name]): [string, string] => [id, name || id]);
  return found.sort((a, b) => a[1].localeCompare(b[1], "en"));
}

function another(choice: Choice, kinds: string[]): string {
  for (const kind of kinds) for (const [id] of offered(kind)) if (!choice.ids.includes(id)) return id;
  return "";
}
