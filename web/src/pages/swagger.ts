// Shows the operations of the REST API with Swagger UI, which a script before this one defines.
type Part = unknown;
type System = { React: { createElement: (type: Part) => Part } };
type Layout = (properties: { getComponent: (name: string, container: boolean) => Part }) => Part;
declare const SwaggerUIBundle: (options: Record<string, unknown>) => void;

const root = document.getElementById("swagger-ui") as HTMLElement;

/** The operations alone: the page itself has a heading, and its main part. */
const operations = ({ React }: System): { components: Record<string, Layout> } => ({
  components: { Operations: ({ getComponent }) => React.createElement(getComponent("operations", true)) },
});

SwaggerUIBundle({
  url: root.dataset.description,
  domNode: root,
  layout: "Operations",
  plugins: [operations],
  syntaxHighlight: false, // its colours have too little contrast
  validatorUrl: null, // else the description is sent to another host
});

// An opened operation has fields without names, and boxes that only a mouse can scroll.
new MutationObserver(() => {
  for (const row of root.querySelectorAll<HTMLElement>("tr[data-param-name]"))
    for (const field of row.querySelectorAll("select, input, textarea"))
      field.setAttribute("aria-label", row.dataset.paramName ?? "");
  for (const box of root.querySelectorAll("pre")) box.tabIndex = 0;
}).observe(root, { childList: true, subtree: true });
