// The query history, stored only in this browser until it is cleared.

import { button, make, one } from "../dom";

const KEY = "calcikg.asked";
const MOST = 20;
const LONGEST = 20_000;

interface Asked {
  text: string;
  title: string;
  outcome: string;
  time: number;
}

function read(): Asked[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((asked) => typeof asked?.text === "string").slice(0, MOST) : [];
  } catch {
    return []; // no storage, or foreign content
  }
}

function write(kept: Asked[]): void {
  try {
    if (kept.length) localStorage.setItem(KEY, JSON.stringify(kept));
    else localStorage.removeItem(KEY);
  } catch {
    // without storage there is no history
  }
}

/** Store a query, the latest first, each once. */
export function remember(text: string, title: string, outcome: string): void {
  if (text.length > LONGEST) return;
  const rest = read().filter((asked) => asked.text !== text);
  write([{ text, title, outcome, time: Date.now() }, ...rest].slice(0, MOST));
}

/** Show the history; `take` puts a query back into the editor. */
export function showHistory(take: (text: string) => void): void {
  const kept = read();
  one("past").hidden = kept.length === 0;
  one("history").replaceChildren(
    ...kept.map((asked) =>
      make(
        "li",
        {},
        button(String(asked.title) || firstLine(asked.text), () => take(asked.text), { className: "text" }),
        make("small", {}, ` ${String(asked.outcome)}, ${new Date(asked.time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}`),
      ),
    ),
  );
}

export function forget(): void {
  write([]);
}

function firstLine(text: string): string {
  const line = text.split("\n").find((one) => one.trim() && !/^\s*(#|PREFIX|BASE)/i.test(one)) ?? text;
  return line.trim().slice(0, 90) || "empty query";
}
