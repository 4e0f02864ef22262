/*! Yasqe (Triply, Zazuko; https://github.com/rdfjs/Yasgui) and CodeMirror 5 (Marijn Haverbeke and others;
    https://codemirror.net/5) are in this file under the MIT licence, as are what they bring along: lodash, store,
    query-string, DOMPurify (Apache-2.0 or MPL-2.0). */
// The editor: Yasqe, without the features that contact other hosts or store data.

import Yasqe, { type PartialConfig, type Position } from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";
import { complete, suggestion } from "./completion";
import { make, one } from "../dom";

const LONGEST = 6; // the most suggestions at a syntax error

export interface Actions {
  run: () => void;
  changed: (text: string) => void;
}

/** Parts of CodeMirror that Yasqe's types leave out. */
interface Marks {
  getDoc(): {
    markText(from: Position, to: Position, options: object): { clear(): void };
    posFromIndex(index: number): Position;
  };
  addKeyMap(map: object): void;
  removeKeyMap(map: object): void;
  on(event: string, act: (...given: any[]) => void): void;
}

export class Editor {
  private readonly yasqe: Yasqe;
  private readonly doubt = one("doubt");
  private mark: { clear(): void } | undefined;
  private quiet = 0;

  constructor(area: HTMLTextAreaElement, actions: Actions) {
    const run = () => actions.run();
    // Yasqe's own completions come from Linked Open Vocabularies and prefix.cc. An empty list among the options would
    // be merged with them, and change nothing.
    Yasqe.defaults.autocompleters = [];
    Yasqe.Autocompleters = {};
    const text = area.value;
    const options = {
      value: "",
      lineWrapping: true,
      prefixCcApi: null,
      requestConfig: { endpoint: "" }, // queries are not sent by the editor
      queryingDisabled: "the page runs queries",
      persistenceId: null,
      consumeShareLink: null,
      createShareableLink: null,
      showQueryButton: false,
      resizeable: false,
      editorHeight: "auto",
      screenReaderLabel: "Query",
      extraKeys: {
        "Ctrl-Space": () => complete(this.yasqe),
        "Ctrl-Enter": run,
        "Cmd-Enter": run,
        "Ctrl-/": () => this.yasqe.commentLines(),
        "Shift-Ctrl-F": () => this.yasqe.autoformat(),
        Esc: () => this.leave(),
      },
    };
    this.yasqe = new Yasqe(area.parentElement!, options as unknown as PartialConfig);
    this.yasqe.checkSyntax = () => this.check();
    area.hidden = true;
    area.disabled = true; // two fields of one name would send two queries
    const field = this.yasqe.getInputField();
    field.setAttribute("aria-describedby", "keys doubt");
    field.id = "query-field";
    one<HTMLLabelElement>("query-label").htmlFor = field.id;
    this.set(text);
    this.yasqe.on("changes" as never, ((_: unknown, changes: { origin?: string }[]) => {
      this.unmark();
      actions.changed(this.text());
      if (changes.some((change) => change.origin === "+input" || change.origin === "+delete")) suggestion(this.yasqe);
    }) as never);
  }

  text(): string {
    return this.yasqe.getValue();
  }

  /** Replace the query; undo brings the previous one back. */
  set(text: string): void {
    if (text !== this.text()) this.yasqe.setValue(text);
    this.check();
  }

  /** Replace a part of the query. */
  replace(start: number, end: number, text: string): void {
    const doc = this.yasqe.getDoc();
    doc.replaceRange(text, doc.posFromIndex(start), doc.posFromIndex(end), "*choice");
  }

  focus(): void {
    this.yasqe.focus();
  }

  /** Mark the position of a syntax error that the service reported, counted from 1. */
  point(line: number, column: number): void {
    this.unmark();
    const doc = this.yasqe.getDoc();
    const at = Math.min(Math.max(line - 1, 0), doc.lineCount() - 1);
    const text = doc.getLine(at);
    const from = Math.min(Math.max(column - 1, 0), Math.max(text.length - 1, 0));
    const length = /^(\w+|\s+|.)?/.exec(text.slice(from))![0].length;
    const marks = this.yasqe as unknown as Marks;
    this.mark = marks.getDoc().markText({ line: at, ch: from }, { line: at, ch: from + length }, { className: "wrong" });
    this.sign(at, "Syntax error");
    doc.setCursor({ line: at, ch: from });
    this.yasqe.scrollIntoView({ line: at, ch: from }, 60);
  }

  private unmark(): void {
    this.mark?.clear();
    this.mark = undefined;
  }

  /** Mark, once typing pauses, what the editor does not recognise; only the service is sure. */
  private check(): void {
    window.clearTimeout(this.quiet);
    this.quiet = window.setTimeout(() => {
      if (!this.mark) this.yasqe.clearGutter("gutterErrorBar");
      const doc = this.yasqe.getDoc();
      this.doubt.hidden = true;
      for (let line = 0; line < doc.lineCount(); line++) {
        const state = this.yasqe.getTokenAt({ line, ch: doc.getLine(line).length }, true).state;
        if (state.OK) continue;
        const tokens = this.yasqe.getLineTokens(line, true) as { string: string; state: { OK: boolean } }[];
        const wrong = tokens.find((token) => !token.state.OK)?.string.trim();
        const next = (state.possibleCurrent ?? []).slice(0, LONGEST).join("  ");
        this.doubt.hidden = false;
        this.doubt.textContent = `Line ${line + 1}: possible syntax error${wrong ? ` at “${wrong}”` : ""}.${next ? ` Expected: ${next}` : ""}`;
        if (!this.mark) this.sign(line, "Possible syntax error");
        return;
      }
    }, 300);
  }

  private sign(line: number, words: string): void {
    this.yasqe.clearGutter("gutterErrorBar");
    this.yasqe.setGutterMarker(line, "gutterErrorBar", make("span", { className: "sign", title: words }, "▸"));
  }

  /** Let the next Tab leave the editor, where Tab otherwise indents: a way out for the keyboard. */
  private leave(): void {
    const marks = this.yasqe as unknown as Marks;
    const out = { Tab: false, "Shift-Tab": false };
    marks.addKeyMap(out);
    const field = this.yasqe.getInputField();
    const stay = (event: Event) => {
      if (event instanceof KeyboardEvent && ["Tab", "Shift", "Escape"].includes(event.key)) return;
      marks.removeKeyMap(out);
      field.removeEventListener("keydown", stay);
      field.removeEventListener("blur", stay);
    };
    field.addEventListener("keydown", stay);
    field.addEventListener("blur", stay);
  }
}
