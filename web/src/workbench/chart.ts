// Results as a chart: bars, points or counts, drawn as SVG in the colours of the page.

import type { Answer } from "./answer";
import { button, choice, make, save } from "../dom";
import { said } from "./names";
import { order, type Column } from "./order";
import type { Show } from "./state";
import { number } from "./table";

/** The most marks that can be told apart. */
const MOST = { bars: 60, counts: 60, points: 2_000 } as const;
const SVG = "http://www.w3.org/2000/svg";
const VALUES = 70;
const BAR = 24;

interface Mark {
  label: string;
  value: number;
  /** The number on the horizontal axis, for points. */
  across: number;
}

export class Chart {
  private readonly picture = make("figure", { className: "chart" });

  constructor(
    private readonly answer: Answer,
    private readonly columns: Column[],
    private readonly show: Show,
    private readonly changed: () => void,
  ) {
    const numbers = columns.filter((column) => column.holds === "numbers").map((column) => column.name);
    const rest = columns.filter((column) => column.holds !== "numbers").map((column) => column.name);
    const names = columns.map((column) => column.name);
    const chart = show.chart;
    if (!numbers.length) chart.form = "counts";
    const labels = chart.form === "points" ? numbers : names;
    if (!labels.includes(chart.label)) chart.label = (chart.form === "points" ? numbers[0] : (rest[0] ?? names[0])) ?? "";
    if (!numbers.includes(chart.value)) chart.value = numbers.find((name) => name !== chart.label) ?? numbers[0] ?? "";
  }

  draw(view: HTMLElement, options: HTMLElement): void {
    const chart = this.show.chart;
    const numbers = this.columns.filter((column) => column.holds === "numbers").map((column) => column.name);
    const forms = [["counts", "Row counts"]] as [string, string][];
    if (numbers.length) forms.unshift(["bars", "Bars"]);
    if (numbers.length > 1) forms.splice(1, 0, ["points", "Points"]);
    const pick = (label: string, names: string[], chosen: string, change: (name: string) => void) =>
      choice(label, names.map((name) => [name, name] as const), chosen, (name) => {
        change(name);
        this.paint();
        this.changed();
      });
    const chooser = make("span", { className: "bench-bar" });
    const fill = () => {
      const names = chart.form === "points" ? numbers : this.columns.map((column) => column.name);
      if (!names.includes(chart.label)) chart.label = names[0] ?? "";
      if (chart.form === "points" && chart.label === chart.value) chart.label = names.find((name) => name !== chart.value) ?? "";
      chooser.replaceChildren(
        choice("Chart type", forms, chart.form, (form) => {
          chart.form = form as typeof chart.form;
          fill();
          this.paint();
          this.changed();
        }),
        pick(chart.form === "points" ? "Horizontal axis" : "Label", names, chart.label, (name) => (chart.label = name)),
      );
      if (chart.form !== "counts")
        chooser.append(pick(chart.form === "points" ? "Vertical axis" : "Value", numbers, chart.value, (name) => (chart.value = name)));
    };
    fill();
    options.append(chooser, button("Save picture", () => this.save()));
    view.append(this.picture);
    this.paint();
  }

  private marks(): Mark[] {
    const { form, label, value } = this.show.chart;
    const at = (name: string) => this.columns.findIndex((column) => column.name === name);
    const sorted = order(this.answer, at(this.show.sort), this.show.descending);
    if (form === "counts") {
      const counts = new Map<string, number>();
      for (const row of sorted) {
        const words = said(this.answer.term(row, at(label))) || "no value";
        counts.set(words, (counts.get(words) ?? 0) + 1);
      }
      return [...counts].map(([words, count]) => ({ label: words, value: count, across: 0 })).sort((a, b) => b.value - a.value);
    }
    const marks: Mark[] = [];
    for (const row of sorted) {
      const measured = this.answer.term(row, at(value))?.number;
      const named = this.answer.term(row, at(label));
      if (measured === undefined || (form === "points" && named?.number === undefined)) continue;
      marks.push({ label: said(named), value: measured, across: named?.number ?? 0 });
    }
    return marks;
  }

  private paint(): void {
    const { form, label, value } = this.show.chart;
    const marks = this.marks();
    const shown = marks.slice(0, MOST[form]);
    const title = form === "counts" ? `Rows by ${label}` : `${value} by ${label}`;
    const notes = [title];
    const left = form === "counts" ? 0 : this.answer.rows.length - marks.length;
    if (shown.length < marks.length) notes.push(`only the first ${number(shown.length)} of ${number(marks.length)} are shown`);
    if (left) notes.push(`${number(left)} ${left === 1 ? "row has" : "rows have"} no number`);
    if (!shown.length) {
      this.picture.replaceChildren(make("p", {}, "There are no numbers to plot."));
      return;
    }
    const width = Math.min(Math.max(this.picture.clientWidth, 280), 1000);
    const svg = form === "points" ? points(shown, label, value, width) : bars(shown, width);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${title}. The table has the same data.`);
    this.picture.replaceChildren(svg, make("figcaption", {}, `${notes.join("; ")}.`));
  }

  /** Save the chart with its computed colours, as the file has no style sheet. */
  private save(): void {
    const svg = this.picture.querySelector("svg");
    if (!svg) return;
    const copy = svg.cloneNode(true) as SVGElement;
    const [from, to] = [svg.querySelectorAll("*"), copy.querySelectorAll("*")];
    from.forEach((element, at) => {
      const style = getComputedStyle(element);
      for (const name of ["fill", "stroke", "font-size", "text-anchor"]) to[at]!.setAttribute(name, style.getPropertyValue(name));
    });
    copy.setAttribute("xmlns", SVG);
    copy.setAttribute("font-family", "sans-serif");
    const ground = draw("rect", { width: "100%", height: "100%", fill: getComputedStyle(document.body).backgroundColor });
    copy.prepend(ground);
    save(new XMLSerializer().serializeToString(copy), "image/svg+xml", "calcikg-chart.svg");
  }
}

function draw(name: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text) element.textContent = text;
  return element;
}

function canvas(width: number, height: number): SVGElement {
  return draw("svg", { viewBox: `0 0 ${width} ${height}`, width, height });
}

/** Return a few round numbers from the least to the greatest value, with both inside. */
export function ticks(least: number, greatest: number, few = 6): number[] {
  const span = greatest - least || Math.abs(greatest) || 1;
  const rough = 10 ** Math.floor(Math.log10(span / 5));
  const step = [1, 2, 5, 10].map((factor) => factor * rough).find((one) => span / one <= few) ?? span;
  const first = Math.floor(least / step + 1e-9);
  const last = Math.ceil(greatest / step - 1e-9);
  return Array.from({ length: Math.max(last - first, 1) + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

function bars(marks: Mark[], width: number): SVGElement {
  const left = Math.min(300, width * 0.42);
  const values = marks.map((mark) => mark.value);
  const scale = ticks(Math.min(0, ...values), Math.max(0, ...values), width < 500 ? 3 : 6);
  const [low, high] = [scale[0]!, scale[scale.length - 1]!];
  const x = (value: number) => left + ((value - low) / (high - low)) * (width - left - VALUES);
  const bottom = marks.length * BAR + 8;
  const svg = canvas(width, bottom + 26);
  for (const tick of scale) {
    svg.append(draw("line", { class: "grid", x1: x(tick), x2: x(tick), y1: 0, y2: bottom }));
    svg.append(draw("text", { class: "tick", x: x(tick), y: bottom + 18, "text-anchor": "middle" }, number(tick)));
  }
  marks.forEach((mark, at) => {
    const y = at * BAR + 4;
    const group = draw("g", { class: "mark" });
    group.append(
      draw("title", {}, `${mark.label}: ${number(mark.value)}`),
      draw("text", { class: "label", x: left - 10, y: y + 14, "text-anchor": "end" }, clipped(mark.label, left / 7.7)),
      draw("rect", {
        class: "strip",
        x: Math.min(x(0), x(mark.value)),
        y,
        width: Math.max(Math.abs(x(mark.value) - x(0)), 1),
        height: BAR - 8,
      }),
      draw("text", { class: "value", x: Math.max(x(0), x(mark.value)) + 6, y: y + 13 }, number(mark.value)),
    );
    svg.append(group);
  });
  return svg;
}

function points(marks: Mark[], across: string, upwards: string, width: number): SVGElement {
  const height = 460;
  const [left, right, top, bottom] = [70, width - 20, 20, height - 50];
  const horizontal = ticks(Math.min(...marks.map((mark) => mark.across)), Math.max(...marks.map((mark) => mark.across)), width < 500 ? 3 : 6);
  const vertical = ticks(Math.min(...marks.map((mark) => mark.value)), Math.max(...marks.map((mark) => mark.value)));
  const place = (value: number, scale: number[], from: number, to: number) =>
    from + ((value - scale[0]!) / (scale[scale.length - 1]! - scale[0]!)) * (to - from);
  const svg = canvas(width, height);
  for (const tick of horizontal) {
    const x = place(tick, horizontal, left, right);
    svg.append(draw("line", { class: "grid", x1: x, x2: x, y1: top, y2: bottom }));
    svg.append(draw("text", { class: "tick", x, y: bottom + 18, "text-anchor": "middle" }, number(tick)));
  }
  for (const tick of vertical) {
    const y = place(tick, vertical, bottom, top);
    svg.append(draw("line", { class: "grid", x1: left, x2: right, y1: y, y2: y }));
    svg.append(draw("text", { class: "tick", x: left - 8, y: y + 4, "text-anchor": "end" }, number(tick)));
  }
  svg.append(draw("text", { class: "axis", x: right, y: height - 8, "text-anchor": "end" }, across));
  svg.append(draw("text", { class: "axis", x: 0, y: 12 }, upwards));
  for (const mark of marks) {
    const dot = draw("circle", {
      class: "point",
      cx: place(mark.across, horizontal, left, right),
      cy: place(mark.value, vertical, bottom, top),
      r: 4.5,
    });
    dot.append(draw("title", {}, `${across} ${number(mark.across)}, ${upwards} ${number(mark.value)}`));
    svg.append(dot);
  }
  return svg;
}

/** Cut a label to a number of letters; the title has all of it. */
function clipped(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, Math.floor(letters) - 1)}…` : text;
}
