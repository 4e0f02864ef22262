// The message above the results, or about an error.

import type { Answer, Problem } from "./answer";
import { make } from "../dom";
import { settings } from "./settings";
import { number } from "./table";

function seconds(value: number): string {
  return `${value < 0.995 ? value.toFixed(2) : value.toFixed(1)} s`;
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Return the number of rows in words. */
export function counted(answer: Answer): string {
  if (answer.kind === "truth") return answer.truth ? "Yes" : "No";
  const total = answer.rows.length;
  const unit = answer.kind === "graph" ? "triple" : "row";
  return total === 0 ? (answer.kind === "graph" ? "No triples" : "No rows") : `${number(total)} ${unit}${total === 1 ? "" : "s"}`;
}

/** Return the LIMIT of a query; undefined without one. */
export function limitOf(query: string): number | undefined {
  const bare = query.replace(/<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, "_").replace(/#.*/g, "");
  const found = /\bLIMIT\s+(\d+)\b[^}]*$/i.exec(bare);
  return found ? Number(found[1]) : undefined;
}

export function outcome(answer: Answer): HTMLElement {
  const limit = limitOf(answer.query);
  // An offline copy runs queries in the browser, without limits.
  const limits = settings.seconds ? `; limits: ${settings.seconds} s, ${settings.mebibytes} MiB` : "";
  const message = make("div", { className: "outcome" });
  message.append(
    make("strong", {}, counted(answer)),
    ` in ${seconds(answer.ended)} `,
    make(
      "small",
      {},
      `(first byte after ${seconds(answer.began)}, then ${seconds(answer.ended - answer.began)} for ${size(answer.bytes)}${limits})`,
    ),
  );
  if (limit !== undefined && limit > 0 && answer.rows.length === limit && !answer.cut)
    message.append(make("p", {}, `The query's LIMIT is reached; there may be more.`));
  if (!answer.cut && answer.kind !== "truth" && answer.rows.length === 0)
    message.append(
      make("p", {}, "No matches. Remove conditions one at a time, or make them OPTIONAL, to find the one that matches nothing."),
    );
  if (answer.cut) message.append(make("p", { className: "cut" }, broken(answer)));
  return message;
}

function broken(answer: Answer): string {
  const there = counted(answer).toLowerCase();
  switch (answer.cut) {
    case "stopped":
      return `Query cancelled: only the first ${there} are shown.`;
    case "rows":
    case "bytes":
      return `Too many results for this page: only the first ${there} are shown. Save the results as a file to get all of them.`;
    default: {
      // A stream that has begun can only be cut off; how far it got shows which limit it met. A browser may drop what came last.
      const largest = settings.mebibytes * 2 ** 20;
      const reason =
        answer.bytes > 0.75 * largest
          ? `the limit of ${settings.mebibytes} MiB (KG_QUERY_ANSWER) was reached`
          : answer.ended > 0.95 * settings.seconds
            ? `the limit of ${settings.seconds} seconds (KG_QUERY_TIMEOUT) was reached`
            : `the connection was lost, or the query reached a limit of the service`;
      return `The results were cut off after ${there}: ${reason}. Add a LIMIT or more conditions.`;
    }
  }
}

/** Explain an error, with a link to its repair. */
export function trouble(problem: Problem): HTMLElement {
  const message = make("div", { className: "outcome trouble" }, make("strong", {}, `${problem.title}.`));
  const detail = problem.detail.charAt(0).toUpperCase() + problem.detail.slice(1);
  message.append(make("p", {}, `${detail.replace(/\.?$/, ".")}${problem.line ? " Fix the query where it is marked." : ""}`));
  if (problem.wait) message.append(make("p", {}, `Try again in ${problem.wait} ${problem.wait === 1 ? "second" : "seconds"}.`));
  if (problem.type?.startsWith("http"))
    message.append(make("p", {}, make("a", { href: new URL(new URL(problem.type).pathname, settings.root).href }, "How to fix this")));
  return message;
}
