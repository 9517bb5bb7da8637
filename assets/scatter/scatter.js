// The chart of a map: Plotly's scatter, and around it what a person does with many points under
// the mouse, without the server: hover cards, lasso, filters, live search, names and pictures that
// come with the zoom. Columns arrive as addresses of binary files named by their content, so a
// later run sends only what changed; the figure is made once and keeps its zoom.
//
// What is lit is one set, the *active* points: inside the lasso AND every filter AND the kinds that
// the legend shows. The server is told of it as one bit a point.

import { cardsPart } from "./cards.js";
import { colorsPart } from "./colors.js";
import { facetsPart } from "./facets.js";
import { load, loadAll, loadPlotly } from "./files.js";
import { Grid } from "./grid.js";
import { legendPart } from "./legend.js";
import { namesPart } from "./names.js";
import { paintingPart } from "./painting.js";
import { picturesPart } from "./pictures.js";
import { plotPart } from "./plot.js";
import { ALL, pointerPart } from "./pointer.js";
import { recolorPart } from "./recolor.js";
import { searchPart } from "./search.js";
import { selectionPart } from "./selection.js";
import { toolsPart } from "./tools.js";
import { viewPart } from "./view.js";
import { make } from "./words.js";

const CHARTS = new WeakMap();

export function mount(component) {
  const { parentElement, data, setStateValue } = component;
  let chart = CHARTS.get(parentElement);
  if (!chart) {
    chart = new Scatter(parentElement);
    CHARTS.set(parentElement, chart);
  }
  chart.tell = setStateValue;
  chart.update(data);
  return () => {
    chart.destroy();
    CHARTS.delete(parentElement);
  };
}

class Scatter {
  constructor(parent) {
    this.parent = parent;
    this.root = parent.querySelector(".ee-scatter") ?? parent.appendChild(make("div", "ee-scatter"));
    this.root.textContent = "";
    this.stage = this.root.appendChild(make("div", "ee-stage"));
    this.plot = this.stage.appendChild(make("div", "ee-plot"));
    this.many = this.stage.appendChild(make("canvas", "ee-over ee-many")); // more than Plotly bears
    this.lit = this.stage.appendChild(make("canvas", "ee-over")); // active points
    this.over = this.stage.appendChild(make("canvas", "ee-over")); // pictures, marks, lines, names
    this.shield = this.stage.appendChild(make("div", "ee-shield")); // takes the lasso's drag
    this.card = this.stage.appendChild(make("div", "ee-card"));
    this.card.hidden = true;
    this.bar = this.stage.appendChild(make("div", "ee-tools"));
    this.note = this.stage.appendChild(make("div", "ee-note"));
    this.note.setAttribute("role", "status");
    this.mini = this.stage.appendChild(make("div", "ee-mini"));
    this.mini.hidden = true;
    this.panel = this.root.appendChild(make("div", "ee-panel"));
    this.lasso = null; // Uint8Array of points, or null: no lasso
    this.filters = new Map(); // column name -> {low, high} or Set of codes
    this.shown = null; // Set of the legend's codes, or null: all
    this.active = null; // Uint8Array, or null: all
    this.hover = -1;
    this.highlight = -1; // the kind under the mouse in the legend
    this.dragging = false; // whether a brush moves
    this.undo = [];
    this.settled = new Map(); // selection as it was sent -> what led to it
    this.sent = null;
    this.turn = 0;
    this.colorTurn = 0;
    this.found = []; // points whose texts have what is searched for
    this.foundMask = null; // the same as Uint8Array where they are lit, not ringed
    this.sheets = new Map();
    this.widths = new Map();
    this.wanted = new Set();
    this.columns = new Map();
    this.queue = Promise.resolve();
    this.gone = false;
    this.root.scatter = this; // for whoever looks at it from the console
    ALL.add(this);
    this.makeTools();
    this.listen();
    this.scheme = window.matchMedia("(prefers-color-scheme: dark)");
    this.turned = () => setTimeout(() => this.ground(), 300); // the page takes its colours first
    this.scheme.addEventListener("change", this.turned);
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(this.stage);
  }

  destroy() {
    this.gone = true;
    ALL.delete(this);
    this.watch.disconnect();
    this.scheme.removeEventListener("change", this.turned);
    window.removeEventListener("popstate", this.stepped);
    window.removeEventListener("pointerup", this.up, true);
    window.removeEventListener("pointermove", this.drag, true);
    if (window.Plotly && this.plot.data) window.Plotly.purge(this.plot);
    this.points?.destroy();
    this.root.textContent = "";
  }

  // Runs follow each other; of those that wait only the last counts.
  update(data) {
    this.next = data;
    this.then(async () => {
      if (this.next === null) return;
      const latest = this.next;
      this.next = null;
      await this.take(latest);
    });
  }

  // Draws something once what is being drawn is done.
  then(work) {
    this.queue = this.queue.then(async () => {
      if (this.gone) return;
      try {
        await work();
      } catch (error) {
        this.say(`The chart could not be drawn: ${error.message}. Reload the page.`);
      }
    });
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  async take(data) {
    const began = performance.now();
    const old = this.data;
    this.data = data;
    if (data.height) this.root.style.setProperty("--ee-height", `${data.height}px`);
    this.stage.setAttribute("aria-label", data.alt || "Map");
    this.root.classList.toggle("ee-bare", !data.panel);
    loadAll(data);
    const plotly = loadPlotly(data.plotly);
    plotly.catch(() => null); // told where it is waited for
    if (!old || old.points.url !== data.points.url) await this.takePoints();
    const recolored = await this.takeColors(this.newestColors());
    if (this.textsUrl !== data.texts) {
      this.texts = data.texts ? await load(data.texts, "json") : null;
      this.lower = null;
      this.textsUrl = data.texts;
    }
    await this.takeColumns();
    if (this.drawAhead()) this.root.dataset.seen = String(Math.round(performance.now() - began));
    await plotly;
    await this.draw(recolored);
    this.takeSelection();
    this.showPanel();
    this.takeSearch(old);
    this.showMeaning();
    for (const [at, url] of Object.entries(data.sheets ?? {})) this.takeSheet(Number(at), url);
    this.refresh();
    this.root.dataset.drawn = String(this.n);
    this.root.dataset.color = this.colors.name;
    this.root.dataset.milliseconds = String(Math.round(performance.now() - began));
  }

  async takePoints() {
    const { url, n, dims } = this.data.points;
    const all = await load(url, "f4");
    this.n = n;
    this.dims = dims;
    this.x = all.subarray(0, n);
    this.y = all.subarray(n, 2 * n);
    this.z = dims === 3 ? all.subarray(2 * n, 3 * n) : null;
    this.lasso = null;
    this.filters.clear();
    this.shown = null;
    this.active = null;
    this.undo = [];
    this.settled.clear();
    this.sheets.clear();
    this.wanted.clear();
    this.fresh = true;
    this.sent = "";
    this.count = n;
    this.found = [];
    this.foundMask = null;
    this.hover = -1;
    this.card.hidden = true;
    this.grid = dims === 2 ? new Grid(this.x, this.y) : null;
    this.order = null;
  }

  async takeColumns() {
    const key = JSON.stringify(this.data.columns ?? []);
    if (key === this.columnsKey) return;
    const columns = new Map();
    for (const one of this.data.columns ?? []) {
      const values = await load(one.url, one.kind === "category" ? "u2" : "f4");
      columns.set(one.name, { ...one, values });
    }
    // A filter by kinds holds their numbers: it goes where these stand for others, as after tagging.
    const kinds = (column) => JSON.stringify(column?.members ?? column?.names);
    const before = this.columns;
    this.columns = columns;
    this.columnsKey = key;
    for (const name of [...this.filters.keys()]) {
      if (!columns.has(name) || kinds(columns.get(name)) !== kinds(before.get(name))) this.filters.delete(name);
    }
  }

  showPanel() {
    if (!this.data.panel) {
      this.showScale();
      return;
    }
    if (!this.search) this.makeSearch();
    this.showCount();
    this.showInspected();
    this.showLegend();
    this.showFilters();
  }
}

// What the chart does, one thing a module.
Object.assign(
  Scatter.prototype,
  colorsPart,
  plotPart,
  viewPart,
  selectionPart,
  pointerPart,
  picturesPart,
  namesPart,
  paintingPart,
  cardsPart,
  toolsPart,
  searchPart,
  legendPart,
  facetsPart,
  recolorPart,
);
