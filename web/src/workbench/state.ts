// How results are shown: the part of the page's state that a link contains beside the query.

export type View = "table" | "chart" | "graph" | "raw";

/** How results are shown. Columns are stored by name, so that an edited query keeps what still applies. */
export interface Show {
  view: View;
  /** The column to sort by, and the direction; empty: the order of the query. */
  sort: string;
  descending: boolean;
  /** The type of chart, and its columns of labels and values. */
  chart: { form: "bars" | "points" | "counts"; label: string; value: string };
  /** The columns of subject, relation and object of a graph. */
  graph: { from: string; by: string; to: string };
  raw: string;
}

export function fresh(): Show {
  return {
    view: "table",
    sort: "",
    descending: false,
    chart: { form: "bars", label: "", value: "" },
    graph: { from: "", by: "", to: "" },
    raw: "",
  };
}

/** Write how results are shown as one short text: the view, then what differs from the default, separated by commas. */
export function written(show: Show): string {
  const parts: string[] = {
    table: show.sort ? [(show.descending ? "-" : "") + show.sort] : [],
    chart: [show.chart.form, show.chart.label, show.chart.value],
    graph: [show.graph.from, show.graph.by, show.graph.to],
    raw: show.raw ? [show.raw] : [],
  }[show.view];
  while (parts.length && !parts[parts.length - 1]) parts.pop();
  return [show.view, ...parts].join(",");
}

/** Read what `written` wrote; anything else is the default. */
export function read(text: string): Show {
  const show = fresh();
  const [view, first = "", second = "", third = ""] = text.split(",");
  if (view === "table") {
    show.descending = first.startsWith("-");
    show.sort = first.replace(/^-/, "");
  } else if (view === "chart") {
    const form = first === "points" || first === "counts" ? first : "bars";
    Object.assign(show, { view, chart: { form, label: second, value: third } });
  } else if (view === "graph") {
    Object.assign(show, { view, graph: { from: first, by: second, to: third } });
  } else if (view === "raw") {
    Object.assign(show, { view, raw: first });
  }
  return show;
}
