// Queries: answered by Oxigraph in a worker, which is ended when its query is stopped.
import code from "worker:sparql";
import { base, load } from "./place";

/** What a worker answers: the body and type of a response. */
export interface Answered {
  status: number;
  type: string;
  body: string;
}

let worker: Promise<Worker> | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Answer a query as the service would; throws an AbortError when the signal comes first. */
export function answer(query: string, accept: string, signal?: AbortSignal | null): Promise<Response> {
  const next = last.catch(() => undefined).then(() => run(query, accept, signal));
  last = next; // one at a time: the worker has one thread
  return next;
}

async function run(query: string, accept: string, signal?: AbortSignal | null): Promise<Response> {
  signal?.throwIfAborted();
  const stopped = new Promise<never>((_, reject) =>
    signal?.addEventListener("abort", () => {
      stop();
      reject(signal.reason);
    }, { once: true }),
  );
  stopped.catch(() => undefined);
  const asked = await Promise.race([(worker ??= start()), stopped]);
  const { status, type, body } = await Promise.race([heard<Answered>(asked, { query, accept, base: base.href }), stopped]);
  return new Response(body, { status, headers: { "Content-Type": type } });
}

function stop(): void {
  void worker?.then((running) => running.terminate()).catch(() => undefined);
  worker = undefined;
}

async function start(): Promise<Worker> {
  try {
    await Promise.all([load("static/bundle/oxigraph.js"), load("offline/dataset.js")]);
    const made = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    const dataset = Uint8Array.from(atob(calcikg.dataset!), (one) => one.charCodeAt(0));
    await heard(made, { engine: calcikg.engine, dataset });
    return made;
  } catch (error) {
    worker = undefined;
    throw error;
  }
}

function heard<T>(from: Worker, message: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    from.onmessage = ({ data }) => resolve(data as T);
    from.onerror = (event) => {
      worker = undefined; // an engine that broke is not asked again
      from.terminate();
      reject(new Error(event.message || "the engine ended"));
    };
    from.postMessage(message);
  });
}
