// What is said of an answer, or of why there is none, in sentences.

import type { Answer, Problem } from "./answer";
import { make } from "./dom";
import { settings } from "./settings";
import { number } from "./table";

function seconds(value: number): string {
  return `${value < 0.995 ? value.toFixed(2) : value.toFixed(1)} s`;
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Return in words how many rows there are. */
export function counted(answer: Answer): string {
  if (answer.kind === "truth") return answer.truth ? "Yes" : "No";
  const total = answer.rows.length;
  const thing = answer.kind === "graph" ? "triple" : "row";
  return total === 0 ? (answer.kind === "graph" ? "No triples" : "No rows") : `${number(total)} ${thing}${total === 1 ? "" : "s"}`;
}

/** Return how many rows the query itself lets through at most; undefined when it sets no limit. */
export function limitOf(query: string): number | undefined {
  const bare = query.replace(/<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, "_").replace(/#.*/g, "");
  const found = /\bLIMIT\s+(\d+)\b[^}]*$/i.exec(bare);
  return found ? Number(found[1]) : undefined;
}

export function outcome(answer: Answer): HTMLElement {
  const limit = limitOf(answer.query);
  // A copy of the site answers in the browser, where nothing is limited.
  const limits = settings.seconds ? `; a query has ${settings.seconds} s and ${settings.mebibytes} MiB` : "";
  const told = make("div", { className: "outcome" });
  told.append(
    make("strong", {}, counted(answer)),
    ` in ${seconds(answer.ended)} `,
    make(
      "small",
      {},
      `(${seconds(answer.began)} until it began, ${seconds(answer.ended - answer.began)} for its ${size(answer.bytes)} to arrive${limits})`,
    ),
  );
  if (limit !== undefined && limit > 0 && answer.rows.length === limit && !answer.cut)
    told.append(make("p", {}, `As many as the query's LIMIT lets through: there may be more.`));
  if (!answer.cut && answer.kind !== "truth" && answer.rows.length === 0)
    told.append(
      make("p", {}, "Nothing in the data fits the whole query. Take conditions out, one at a time, or make some OPTIONAL: what then comes shows which of them fits nothing."),
    );
  if (answer.cut) told.append(make("p", { className: "cut" }, broken(answer)));
  return told;
}

function broken(answer: Answer): string {
  const there = counted(answer).toLowerCase();
  switch (answer.cut) {
    case "stopped":
      return `Stopped: the ${there} that had arrived are shown. This is not the whole answer.`;
    case "rows":
    case "bytes":
      return `More than this page can hold: the first ${there} are shown. Save the answer as a file to have all of it.`;
    default: {
      // A stream that has begun can only break off; by which limit is told by how far it got.
      const largest = settings.mebibytes * 2 ** 20;
      const reason =
        answer.bytes > 0.9 * largest
          ? `an answer may have ${settings.mebibytes} MiB (KG_QUERY_ANSWER)`
          : answer.ended > 0.95 * settings.seconds
            ? `a query has ${settings.seconds} seconds (KG_QUERY_TIMEOUT)`
            : `the connection ended, or the query met a limit of the service`;
      return `The answer broke off after ${there}: ${reason}. This is not the whole answer. Ask for less, with LIMIT or more conditions.`;
    }
  }
}

/** Say why there is no answer, with a link to what can be done about it. */
export function trouble(problem: Problem): HTMLElement {
  const told = make("div", { className: "outcome trouble" }, make("strong", {}, `${problem.title}.`));
  const detail = problem.detail.charAt(0).toUpperCase() + problem.detail.slice(1);
  told.append(make("p", {}, `${detail.replace(/\.?$/, ".")}${problem.line ? " The place is marked in the query." : ""}`));
  if (problem.wait) told.append(make("p", {}, `It can be tried again in ${problem.wait} ${problem.wait === 1 ? "second" : "seconds"}.`));
  if (problem.type?.startsWith("http"))
    told.append(make("p", {}, make("a", { href: new URL(new URL(problem.type).pathname, settings.root).href }, "What can be done about it")));
  return told;
}
