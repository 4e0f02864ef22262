// Runs a query and reads the results as they arrive, so that a hundred thousand rows never block the page.

import { settings } from "./settings";
import { term, triple, type Term } from "./terms";

/** The most that a page can show; a saved file is complete. */
const MOST_ROWS = 300_000;
const MOST_BYTES = 128 * 2 ** 20;
const ACCEPT = "text/tab-separated-values, application/n-triples;q=0.9";

/** An error as the service describes it (RFC 9457), or of our own. */
export interface Problem {
  title: string;
  detail: string;
  type?: string;
  line?: number;
  column?: number;
  wait?: number;
}

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

/** Why an answer is incomplete. */
export type Cut = "stopped" | "broken" | "rows" | "bytes";

export class Answer {
  columns: string[] = [];
  rows: string[] = [];
  kind: "table" | "graph" | "truth" = "table";
  truth = false;
  bytes = 0;
  /** Seconds until the answer began, and until it was complete. */
  began = 0;
  ended = 0;
  cut?: Cut;
  /** The snapshot that was queried, as the tag of the answer names it. */
  snapshot = settings.snapshot;
  asked = new Date();

  constructor(readonly query: string) {}

  /** Return the cells of a row in RDF syntax. */
  cells(row: number): string[] {
    const line = this.rows[row] ?? "";
    return this.kind === "graph" ? triple(line) : line.split("\t");
  }

  term(row: number, column: number): Term | undefined {
    return term(this.cells(row)[column] ?? "");
  }

  /** Read a line; returns false when the page is full. */
  take(line: string, first: boolean): boolean {
    if (this.kind === "graph") {
      if (line) this.rows.push(line);
    } else if (!first) {
      this.rows.push(line);
    } else if (line === "true" || line === "false") {
      this.kind = "truth";
      this.truth = line === "true";
    } else {
      this.columns = line ? line.split("\t").map((name) => name.slice(1)) : [];
    }
    return this.rows.length < MOST_ROWS;
  }
}

/** Run a query; `progress` is called while rows arrive. An incomplete answer has a `cut`. */
export async function ask(query: string, signal: AbortSignal, progress: (answer: Answer) => void): Promise<Answer> {
  const answer = new Answer(query);
  const start = performance.now();
  const response = await request(query, ACCEPT, signal);
  answer.began = (performance.now() - start) / 1000;
  answer.snapshot = /^(?:W\/)?"([0-9a-f]+)-/.exec(response.headers.get("ETag") ?? "")?.[1] ?? settings.snapshot;
  if (response.headers.get("Content-Type")?.startsWith("application/n-triples")) {
    answer.kind = "graph";
    answer.columns = ["subject", "predicate", "object"];
  }
  try {
    await read(response, answer, progress);
  } catch {
    answer.cut = signal.aborted ? "stopped" : "broken";
  }
  answer.ended = (performance.now() - start) / 1000;
  return answer;
}

/** Send a query; throws a ProblemError for an error of the service, and lets an AbortError pass. */
export async function request(query: string, accept: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(settings.endpoint, {
      method: "POST",
      headers: { Accept: accept, "Content-Type": "application/sparql-query" },
      body: query,
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ProblemError({ title: "The service cannot be reached", detail: "The network or the service may be down." });
  }
  if (!response.ok) throw new ProblemError(await problem(response));
  return response;
}

async function problem(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get("Retry-After") ?? NaN);
  const body = await response.json().catch(() => ({}));
  return {
    title: "The service returned an error",
    detail: `HTTP status ${response.status}`,
    ...body,
    ...(Number.isFinite(wait) ? { wait } : {}),
  };
}

async function read(response: Response, answer: Answer, progress: (answer: Answer) => void): Promise<void> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let first = true;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    answer.bytes += value.byteLength;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!answer.take(line, first)) {
        answer.cut = "rows";
        return void (await reader.cancel());
      }
      first = false;
    }
    if (answer.bytes > MOST_BYTES) {
      answer.cut = "bytes";
      return void (await reader.cancel());
    }
    progress(answer);
  }
  if (rest) answer.take(rest, first);
}
