// Results as raw text in each format, and as a file.

import { ProblemError, type Answer } from "./answer";
import { button, choice, make, save } from "../dom";
import { FORMATS, whole } from "./files";
import type { Show } from "./state";
import { number } from "./table";

/** The most characters that are shown; more would block the page. */
const MOST = 200_000;

export class Raw {
  private readonly text = make("pre", { tabIndex: 0 });
  private readonly note = make("p", { className: "note", role: "status" });

  constructor(
    private readonly answer: Answer,
    private readonly show: Show,
    private readonly changed: () => void,
  ) {
    if (!this.formats.some(([, , extension]) => extension === show.raw)) show.raw = this.formats[0]![2];
  }

  draw(view: HTMLElement, options: HTMLElement): void {
    options.append(
      choice("Format", this.formats.map(([words, , extension]) => [extension, words] as const), this.show.raw, (extension) => {
        this.show.raw = extension;
        this.changed();
        void this.load();
      }),
      button("Copy", () => void navigator.clipboard.writeText(this.text.textContent ?? "")),
    );
    this.text.setAttribute("aria-label", "Raw results");
    this.text.setAttribute("role", "region");
    view.append(this.note, this.text);
    void this.load();
  }

  private get formats(): (typeof FORMATS)["table"] {
    return FORMATS[this.answer.kind];
  }

  private async load(): Promise<void> {
    const [, type] = this.formats.find(([, , extension]) => extension === this.show.raw)!;
    this.note.textContent = "Loading this format …";
    try {
      const text = await (await whole(this.answer.query, type)).text();
      this.text.textContent = text.slice(0, MOST);
      this.note.textContent =
        text.length > MOST ? `The first ${number(MOST)} of ${number(text.length)} characters; save the file for the rest.` : "";
    } catch (error) {
      this.text.textContent = "";
      this.note.textContent = error instanceof ProblemError ? `${error.problem.title}: ${error.problem.detail}` : "The results were interrupted.";
    }
  }
}

/** Save the results in a format. */
export async function download(answer: Answer, extension: string): Promise<void> {
  const [, type] = FORMATS[answer.kind].find(([, , one]) => one === extension)!;
  save(await whole(answer.query, type), type, `calcikg-results.${extension}`);
}
