/** An entity as search knows it: id, type, number of findings, and its names, the label first. */
type Named = [id: string, type: string, uses: number, label: string, ...others: string[]];

/** What scripts of the copy assign to, each when it is loaded. */
declare var calcikg: {
  /** The dataset as N-Quads, compressed by gzip, in base64. */
  dataset?: string;
  /** The engine, as WebAssembly. */
  engine?: Uint8Array<ArrayBuffer>;
  names?: Named[];
  /** What the service answers at an address, as JSON. */
  answers?: Record<string, unknown>;
};

declare module "worker:*" {
  /** The text of a script for a worker. */
  const text: string;
  export default text;
}
