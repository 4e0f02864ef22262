// Makes links to pages of the service lead to the files of the copy.
import { below, path, root } from "./place";

const PAGES = /^(?:page(?:\/[a-z-]+(?:\/[A-Za-z0-9-]+)?)?|ontology|about|downloads|releases|search|sparql|problems\/[a-z-]+)?$/;

/** Return the file of a page of the service; undefined for other addresses. */
export function fileOf(address: string): string | undefined {
  const url = below(address);
  const name = url && path(url);
  if (name === undefined || !PAGES.test(name)) return undefined;
  // As the folder is written: no two names differ in capitals alone (api/site/addresses.py).
  const file = name === "" ? "index" : name.replace(/(^|\/)(?=[A-Z])/g, "$1~");
  return new URL(`${file}.html${url!.search}${url!.hash}`, root).href;
}

/** Rewrite every link that a script adds from now on. */
export function watchLinks(): void {
  const lead = (link: Element) => {
    const file = fileOf(link.getAttribute("href") ?? "");
    if (file && file !== link.getAttribute("href")) link.setAttribute("href", file);
  };
  new MutationObserver((changes) => {
    for (const { target, addedNodes, type } of changes) {
      if (type === "attributes") lead(target as Element);
      for (const node of addedNodes)
        if (node instanceof Element) {
          if (node.matches("a[href]")) lead(node);
          for (const link of node.querySelectorAll("a[href]")) lead(link);
        }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["href"] });
}
