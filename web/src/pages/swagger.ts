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
  validatorUrl: null, // else the description is sent to another host
});
