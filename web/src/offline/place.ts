// The location of the copy, and the addresses of the service that it replaces.

const script = document.currentScript as HTMLScriptElement;

/** The folder of the copy. */
export const root = new URL("../../", script.src);
/** The base address of the service. */
export const base = new URL(script.dataset["base"]!);

/** Return an address as one of the service; undefined for any other address. */
export function below(address: string | URL): URL | undefined {
  const url = new URL(address, document.baseURI);
  if (url.href.startsWith(base.href)) return url;
  if (url.protocol !== root.protocol || url.host !== root.host) return undefined;
  const path = url.pathname.replace(/^\/[A-Za-z]:(?=\/)/, ""); // the drive letter of Windows
  return path.startsWith(base.pathname) ? new URL(path + url.search + url.hash, base) : undefined;
}

/** Return the path of an address below the base, without its query. */
export function path(url: URL): string {
  return url.pathname.slice(base.pathname.length);
}

const loading = new Map<string, Promise<void>>();

/** Load a script of the copy, once: from disk a browser loads scripts, but no data. */
export function load(name: string): Promise<void> {
  let loaded = loading.get(name);
  if (!loaded) {
    loaded = new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = new URL(name, root).href;
      element.addEventListener("load", () => resolve());
      element.addEventListener("error", () => {
        loading.delete(name);
        reject(new TypeError(`${name} cannot be loaded`));
      });
      document.head.append(element);
    });
    loading.set(name, loaded);
  }
  return loaded;
}
