// Runs queries with Oxigraph in a worker, which is terminated when its query is cancelled.
import code from "worker:sparql";
import { base, load } from "./place";

/** The answer of a worker: status, type and body of a response. */
export interface Answered {
  status: number;
  type: string;
  body: string;
}

let worker: Promise<Worker> | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Answer a query like the service; throws an AbortError when it is cancelled. */
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
      worker = undefined; // a broken engine is not used again
      from.terminate();
      reject(new Error(event.message || "the engine stopped"));
    };
    from.postMessage(message);
  });
}
