// The chart of a map: Plotly's scatter, and around it what a person does with many points under
// the mouse, without the server: hover cards, lasso, filters, live search, names and pictures that
// come with the zoom. Columns arrive as addresses of binary files named by their content, so a
// later run sends only what changed; the figure is made once and keeps its zoom.
//
// What is lit is one set, the *active* points: inside the lasso AND every filter AND the kinds that
// the legend shows. The server is told of it as one bit a point.

const FILES = new Map(); // address -> Promise of its content
const CHARTS = new WeakMap();
const ALL = new Set();
const PICK = 14; // pixels around the mouse in which a point is found
const PLENTY = 20_000; // points up to which Plotly draws them, and the overlay each as a disc
const NAMED = 60; // points up to which all are named
const UNDOS = 20;
const SHEET = 256; // pictures in a sheet, 16 by 16
const BARS = 32;
const MANY = 3_000; // points in view from which no picture is drawn, and by which names are chosen
const BLANK = "#949494"; // of points without a value
const GRAIN = 0.2; // of the chart's shorter side: a cluster with a larger radius gives way to its parts
const POINTED = "#D55E00"; // the point of the table's row
const LEGEND = Symbol("the legend, where filters are named by their columns");

export default function (component) {
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

// ---------------------------------------------------------------- files

function load(address, kind) {
  if (!FILES.has(address)) {
    const read = address.startsWith("data:") ? decoded(address) : fetched(address);
    FILES.set(address, read.then((bytes) => typed(bytes, kind)));
    if (FILES.size > 200) FILES.delete(FILES.keys().next().value);
  }
  return FILES.get(address);
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) {
    FILES.delete(address);
    throw new Error(`${address}: ${answer.status}`);
  }
  return answer.arrayBuffer();
}

async function decoded(address) {
  const text = atob(address.slice(address.indexOf(",") + 1));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer;
}

function typed(bytes, kind) {
  if (kind === "json") return JSON.parse(new TextDecoder().decode(bytes));
  if (kind === "f4") return new Float32Array(bytes);
  return new Uint16Array(bytes);
}

function loadPlotly(address) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  if (!loadPlotly.promise) {
    loadPlotly.promise = new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => done(window.Plotly);
      script.onerror = () => {
        loadPlotly.promise = null;
        failed(new Error("Plotly's script could not be loaded"));
      };
      document.head.appendChild(script);
    });
  }
  return loadPlotly.promise;
}

// ---------------------------------------------------------------- small helpers

const make = (tag, cls, text) => {
  const one = document.createElement(tag);
  if (cls) one.className = cls;
  if (text !== undefined) one.textContent = text;
  return one;
};
const button = (cls, text, work) => {
  const one = make("button", cls, text);
  one.type = "button";
  one.addEventListener("click", work);
  return one;
};
const font = (weight) => `${weight} 12px "Source Sans", "Source Sans Pro", sans-serif`;
const many = (number) => number.toLocaleString("en-US");
const clip = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function number(value) {
  if (Number.isNaN(value)) return "no value";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(2);
  return value.toLocaleString("en-US", { maximumSignificantDigits: 5, useGrouping: size >= 1e4 });
}

function shownNumber(column, value) {
  if (column.kind !== "date" || Number.isNaN(value)) return number(value);
  return new Date(value * 86_400_000).toISOString().slice(0, 10);
}

function packed(mask) {
  const bits = new Uint8Array(Math.ceil(mask.length / 8));
  let count = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]) {
      bits[i >> 3] |= 1 << (i & 7);
      count++;
    }
  }
  if (!count) return "";
  let text = "";
  for (let i = 0; i < bits.length; i += 8192) {
    text += String.fromCharCode(...bits.subarray(i, i + 8192));
  }
  return btoa(text);
}

function unpacked(text, n) {
  const mask = new Uint8Array(n);
  const bits = atob(text);
  for (let i = 0; i < n; i++) mask[i] = (bits.charCodeAt(i >> 3) >> (i & 7)) & 1;
  return mask;
}

// Which points lie inside a polygon of screen places (even-odd rule).
function inPolygon(xs, ys, corners) {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of corners) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const n = xs.length;
  const m = corners.length;
  const px = Float64Array.from(corners, (one) => one[0]);
  const py = Float64Array.from(corners, (one) => one[1]);
  const mask = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const x = xs[i];
    const y = ys[i];
    if (!(x >= left && x <= right && y >= top && y <= bottom)) continue;
    let inside = 0;
    for (let a = 0, b = m - 1; a < m; b = a++) {
      if (py[a] > y !== py[b] > y && x < ((px[b] - px[a]) * (y - py[a])) / (py[b] - py[a]) + px[a]) {
        inside ^= 1;
      }
    }
    mask[i] = inside;
  }
  return mask;
}

function parsed(color) {
  const value = parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

// ---------------------------------------------------------------- the chart

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
    this.found = [];
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
    this.queue = this.queue.then(async () => {
      if (this.gone || this.next === null) return;
      const latest = this.next;
      this.next = null;
      try {
        await this.take(latest);
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
    await loadPlotly(data.plotly);
    if (!old || old.points.url !== data.points.url) await this.takePoints();
    const colors = JSON.stringify(data.colors);
    const recolored = this.colorsKey !== colors;
    if (recolored) {
      this.codes = data.colors.url ? await load(data.colors.url, data.colors.names ? "u2" : "f4") : null;
      this.colorsKey = colors;
      this.shown = null;
      this.hues = null;
    }
    if (this.textsUrl !== data.texts) {
      this.texts = data.texts ? await load(data.texts, "json") : null;
      this.lower = null;
      this.textsUrl = data.texts;
    }
    await this.takeColumns();
    await this.draw(recolored);
    this.takeSelection();
    this.showPanel();
    this.takeSearch(old);
    this.showMeaning();
    for (const [at, url] of Object.entries(data.sheets ?? {})) this.takeSheet(Number(at), url);
    this.refresh();
    this.root.dataset.drawn = String(this.n);
    this.root.dataset.color = data.colors.title;
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

  // -------------------------------------------------------------- Plotly

  async draw(recolored) {
    const { data } = this;
    const revision = JSON.stringify([data.points.url, data.size, data.axes, data.contours]);
    const same = this.drawn === revision;
    if (same && !recolored) return;
    if (this.isMany()) this.takeMany(same && !this.fresh);
    this.many.hidden = !this.isMany();
    if (same && this.isMany()) return;
    const trace = this.trace();
    if (same) {
      await window.Plotly.restyle(this.plot, { marker: [trace.marker] }, [0]);
      return;
    }
    const layout = this.layout();
    const config = {
      scrollZoom: true,
      displayModeBar: false,
      displaylogo: false,
      doubleClick: "reset",
      responsive: false,
    };
    if (this.drawn && !this.fresh) layout.uirevision = "kept";
    const traces = data.contours && this.dims === 2 ? [trace, this.contours()] : [trace];
    await window.Plotly.react(this.plot, traces, layout, config);
    if (!this.drawn) {
      for (const name of ["plotly_relayouting", "plotly_relayout", "plotly_afterplot"]) {
        this.plot.on(name, () => this.refresh());
      }
      this.plot.on("plotly_hover", (event) => this.dims === 3 && this.point(event.points[0].pointNumber, event.event));
      this.plot.on("plotly_unhover", () => this.dims === 3 && this.leave());
      this.plot.on("plotly_click", (event) => this.dims === 3 && this.select([event.points[0].pointNumber]));
    }
    this.drawn = revision;
    this.fresh = false;
  }

  trace() {
    const { data } = this;
    const three = this.dims === 3;
    const marker = { size: three ? Math.max(2, data.size / 2) : data.size, opacity: this.n > PLENTY ? 0.6 : 0.9 };
    const { colors } = data;
    if (this.codes && colors.names) {
      const count = Math.max(1, colors.names.length);
      marker.color = this.codes;
      marker.colorscale = colors.palette.flatMap((color, at) => [[at / count, color], [(at + 1) / count, color]]);
      marker.cmin = -0.5;
      marker.cmax = count - 0.5;
    } else if (this.codes) {
      marker.color = this.codes;
      marker.colorscale = colors.scale;
      marker.cmin = colors.low;
      marker.cmax = colors.high;
    } else {
      marker.color = colors.palette[0];
    }
    if (this.codes && colors.symbols && this.n <= PLENTY) {
      marker.symbol = Array.from(this.codes, (code) => colors.symbols[code]);
    } else if (three) {
      marker.line = { width: 0 };
    }
    const trace = { mode: "markers", name: "points", x: this.x, y: this.y, marker, hoverinfo: "none" };
    if (three) return { ...trace, type: "scatter3d", z: this.z };
    if (this.isMany()) return { ...trace, type: "scatter", x: [], y: [], marker: {} };
    return { ...trace, type: this.webgl() ? "scattergl" : "scatter" };
  }

  // Lines of equal density, of the square root of it: else one dense spot would have them all.
  contours() {
    const { z, x0, dx, y0, dy } = density(this.x, this.y);
    let most = 0;
    for (const line of z) for (const value of line) most = Math.max(most, value);
    const contours = { coloring: "none", start: most / 10, end: (9 * most) / 10, size: most / 10, showlabels: false };
    const line = { width: 1.2, smoothing: 1, color: "rgba(128,128,128,0.9)" };
    const name = "density";
    return { type: "contour", name, z, x0, dx, y0, dy, contours, line, autocontour: false, showscale: false, hoverinfo: "skip" };
  }

  webgl() {
    if (this.hasGl === undefined) {
      this.hasGl = Boolean(make("canvas").getContext("webgl"));
      if (!this.hasGl) this.say("This browser has no WebGL: points are drawn slowly, and none in 3-D.");
    }
    return this.hasGl;
  }

  // Whether the points are more than Plotly draws in good time: then they are drawn here.
  isMany() {
    return this.dims === 2 && this.n > PLENTY && this.webgl();
  }

  takeMany(placed) {
    if (!this.points) this.points = new Points(this.many);
    if (!placed) this.points.place(this.x, this.y);
    this.points.paint(this.huesOf(), this.colorTable());
    this.refresh();
  }

  // Draws them where the view or they have changed.
  drawMany(scale) {
    this.points.draw(scale, [this.stage.clientWidth, this.stage.clientHeight], this.data.size);
  }

  layout() {
    const { data } = this;
    const clear = "rgba(0,0,0,0)";
    const base = {
      margin: data.axes ? { l: 54, r: 8, t: 8, b: 44 } : { l: 0, r: 0, t: 0, b: 0 },
      width: this.stage.clientWidth,
      height: this.stage.clientHeight,
      paper_bgcolor: clear,
      plot_bgcolor: clear,
      showlegend: false,
      dragmode: "pan",
      hovermode: this.dims === 3 ? "closest" : false,
      uirevision: data.points.url,
      font: { color: getComputedStyle(this.root).color },
    };
    if (this.dims === 3) {
      // Words in space are drawn by WebGL, where no style sheet reaches them.
      const [ink, ground] = this.inks();
      const axis = { showspikes: false, showbackground: false, color: ink, tickfont: { color: ink } };
      const titles = data.axes ?? [];
      const of = (at) => ({ ...axis, title: { text: titles[at] ?? "" }, showticklabels: Boolean(titles[at]) });
      return { ...base, dragmode: "orbit", scene: { xaxis: of(0), yaxis: of(1), zaxis: of(2), aspectmode: "data", bgcolor: ground } };
    }
    const axis = data.axes
      ? { zeroline: true, gridcolor: "rgba(128,128,128,0.2)" }
      : { showticklabels: false, zeroline: false, showgrid: false, ticks: "" };
    const range = (values) => {
      let [low, high] = [Infinity, -Infinity];
      for (const one of values) {
        if (one < low) low = one;
        if (one > high) high = one;
      }
      const pad = (high - low) * 0.05 || 1;
      return [low - pad, high + pad];
    };
    return {
      ...base,
      xaxis: { ...axis, range: range(this.x), title: { text: data.axes?.[0] ?? "" } },
      yaxis: { ...axis, range: range(this.y), scaleanchor: "x", title: { text: data.axes?.[1] ?? "" } },
    };
  }

  // The page's colours of words and of its ground, as #rrggbb.
  inks() {
    const style = getComputedStyle(this.root);
    const brush = this.over.getContext("2d");
    return [style.color, style.getPropertyValue("--st-background-color") || "#ffffff"].map((color) => {
      brush.fillStyle = color;
      return brush.fillStyle;
    });
  }

  // After a change between light and dark.
  ground() {
    if (!this.drawn || this.gone) return;
    this.refresh();
    if (this.dims !== 3) return;
    const [ink, ground] = this.inks();
    const change = { "scene.bgcolor": ground };
    for (const axis of ["xaxis", "yaxis", "zaxis"]) {
      for (const part of ["color", "tickfont.color", "title.font.color"]) change[`scene.${axis}.${part}`] = ink;
    }
    window.Plotly.relayout(this.plot, change);
  }

  fit() {
    if (!this.drawn || this.gone || !this.stage.clientWidth) return;
    window.Plotly.relayout(this.plot, { width: this.stage.clientWidth, height: this.stage.clientHeight });
  }

  // Where points are on the screen, in pixels of the stage: x is a * value + b.
  scale() {
    const { xaxis, yaxis } = this.plot._fullLayout;
    const side = (axis) => {
      const zero = axis._offset + axis.l2p(0);
      return [axis._offset + axis.l2p(1) - zero, zero];
    };
    return { x: side(xaxis), y: side(yaxis), box: [xaxis._offset, yaxis._offset, xaxis._length, yaxis._length] };
  }

  // All points on the screen, for a lasso; in space by the camera.
  places() {
    const xs = new Float32Array(this.n);
    const ys = new Float32Array(this.n);
    if (this.dims === 2) {
      const { x, y } = this.scale();
      for (let i = 0; i < this.n; i++) {
        xs[i] = x[0] * this.x[i] + x[1];
        ys[i] = y[0] * this.y[i] + y[1];
      }
      return [xs, ys];
    }
    const scene = this.plot._fullLayout.scene._scene;
    const { model, view, projection } = scene.glplot.cameraParams;
    const matrix = product(projection, product(view, model));
    const box = this.plot.querySelector("canvas").getBoundingClientRect();
    const stage = this.stage.getBoundingClientRect();
    const scales = scene.dataScale;
    for (let i = 0; i < this.n; i++) {
      const p = [this.x[i] * scales[0], this.y[i] * scales[1], this.z[i] * scales[2]];
      const at = (row) => matrix[row] * p[0] + matrix[row + 4] * p[1] + matrix[row + 8] * p[2] + matrix[row + 12];
      const w = at(3);
      xs[i] = box.left - stage.left + ((at(0) / w + 1) / 2) * box.width;
      ys[i] = box.top - stage.top + ((1 - at(1) / w) / 2) * box.height;
    }
    return [xs, ys];
  }

  // -------------------------------------------------------------- what is active

  recount() {
    this.active = this.passing();
    this.count = this.n;
    if (this.active) {
      let count = 0;
      for (let i = 0; i < this.n; i++) count += this.active[i];
      this.count = count;
    }
  }

  // Which points pass all that is asked of them but one column's filter, or the legend's; null: all.
  passingBut(except) {
    const asked = except === LEGEND ? this.shown : this.filters.has(except);
    return asked ? this.passing(except) : this.active; // what asks nothing changes nothing
  }

  // Which points pass what is asked of them, ``except`` one column's filter or the legend; null: all.
  passing(except) {
    const { n, lasso, shown, codes } = this;
    let mask = null;
    const begin = () => {
      mask ??= new Uint8Array(n).fill(1);
    };
    const amongKinds = (values, passes) => {
      begin();
      for (let i = 0; i < n; i++) mask[i] &= passes[values[i]];
    };
    const flags = (count, passes) => Uint8Array.from({ length: count }, (_, code) => (passes(code) ? 1 : 0));
    if (lasso) mask = lasso.slice();
    if (shown && codes && except !== LEGEND) {
      amongKinds(codes, flags(this.data.colors.names.length, (code) => shown.has(code)));
    }
    for (const [name, filter] of this.filters) {
      const column = this.columns.get(name);
      if (name === except || !column) continue;
      const { values, parts } = column;
      if (filter instanceof Set) {
        const has = parts ? (code) => parts[code].some((part) => filter.has(part)) : (code) => filter.has(code);
        amongKinds(values, flags(parts ? parts.length : column.names.length, has));
        continue;
      }
      begin();
      const { low, high } = filter;
      for (let i = 0; i < n; i++) mask[i] &= values[i] >= low && values[i] <= high ? 1 : 0;
    }
    return mask;
  }

  // Lasso, legend and filters as they are now, which later changes leave alone.
  state() {
    return {
      lasso: this.lasso,
      shown: this.shown && new Set(this.shown),
      filters: new Map([...this.filters].map(([name, one]) => [name, one instanceof Set ? new Set(one) : { ...one }])),
    };
  }

  remember() {
    this.undo.push(this.state());
    if (this.undo.length > UNDOS) this.undo.shift();
  }

  back() {
    const before = this.undo.pop();
    if (!before) return;
    Object.assign(this, before);
    this.changed();
  }

  clear() {
    if (!this.lasso && !this.shown && !this.filters.size) return;
    this.remember();
    this.lasso = null;
    this.shown = null;
    this.filters = new Map();
    this.changed();
  }

  // After a lasso, a filter or the legend: count, draw, and tell the server once it rests.
  changed(resting = true) {
    this.recount();
    this.refresh();
    this.showPanel();
    clearTimeout(this.timer);
    if (resting) this.timer = setTimeout(() => this.send(), 120);
  }

  send() {
    const bits = this.active ? packed(this.active) : "";
    const nothing = Boolean(this.active) && !bits;
    if (bits === this.sent && !nothing) return;
    this.sent = bits;
    this.settle(bits);
    this.turn += 1;
    this.tell("selection", { turn: this.turn, bits, points: this.data.points.url });
  }

  // Keeps what led to a selection, so that one that comes back, as by the browser's Back, brings
  // its filters along.
  settle(bits) {
    this.settled.delete(bits);
    this.settled.set(bits, this.state());
    if (this.settled.size > UNDOS) this.settled.delete(this.settled.keys().next().value);
  }

  // The server's selection counts where it is newer than what was sent from here.
  takeSelection() {
    const { selection } = this.data;
    if (!selection || selection.turn < this.turn) return;
    this.turn = selection.turn;
    if (selection.bits === (this.sent ?? "")) return;
    this.sent = selection.bits;
    const before = this.settled.get(selection.bits);
    const lasso = selection.bits ? unpacked(selection.bits, this.n) : null;
    Object.assign(this, { filters: new Map(), shown: null, lasso }, selection.bits && before);
    for (const name of this.filters.keys()) if (!this.columns.has(name)) this.filters.delete(name);
    this.recount();
    if (!before || !selection.bits) return;
    if (packed(this.active ?? new Uint8Array(0)) === selection.bits) this.settle(selection.bits);
    else {
      // The colours are others by now, or the columns.
      Object.assign(this, { filters: new Map(), shown: null, lasso });
      this.recount();
    }
  }

  // -------------------------------------------------------------- mouse, keys

  listen() {
    this.stage.addEventListener("pointerdown", (event) => this.down(event), true);
    this.stage.addEventListener("pointermove", (event) => this.move(event));
    this.stage.addEventListener("pointerleave", () => this.leave());
    // Plotly listens to mousedown and touchstart: while a lasso is drawn they are not for it.
    for (const name of ["mousedown", "touchstart"]) {
      this.stage.addEventListener(name, (event) => this.corners && event.stopImmediatePropagation(), true);
    }
    this.up = (event) => this.release(event);
    this.drag = (event) => this.trail(event);
    window.addEventListener("pointerup", this.up, true);
    window.addEventListener("pointermove", this.drag, true);
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.stage.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    if (event.target.matches("input")) return;
    const { key } = event;
    if (key === "Escape") {
      if (this.lassoing) this.setLasso(false);
      else this.clear();
    } else if (key === "l" || key === "L") this.setLasso(!this.lassoing);
    else if ((event.ctrlKey || event.metaKey) && key === "z") this.back();
    else if (key === "+" || key === "=") this.zoom(0.7);
    else if (key === "-") this.zoom(1 / 0.7);
    else if (key === "0") this.reset();
    else if (key.startsWith("Arrow") && this.dims === 2) this.shift(key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  setLasso(on) {
    this.lassoing = on;
    this.shield.classList.toggle("ee-on", on);
    this.tools.lasso.setAttribute("aria-pressed", String(on));
  }

  local(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    if (event.button !== 0 || event.target.closest(".ee-tools, .ee-card") || !this.drawn) return;
    this.pressed = { at: this.local(event), time: event.timeStamp };
    if (!this.lassoing && !event.shiftKey) return;
    this.corners = [this.pressed.at];
    event.stopImmediatePropagation();
    event.preventDefault();
    this.stage.focus({ preventScroll: true });
  }

  trail(event) {
    if (!this.corners) return;
    const place = this.local(event);
    const last = this.corners[this.corners.length - 1];
    if (Math.hypot(place[0] - last[0], place[1] - last[1]) < 3) return;
    this.corners.push(place);
    this.refresh();
  }

  release(event) {
    const { corners, pressed } = this;
    this.corners = null;
    this.pressed = null;
    if (!pressed) return;
    const place = this.local(event);
    const moved = Math.hypot(place[0] - pressed.at[0], place[1] - pressed.at[1]);
    if (corners && corners.length > 2) {
      const [xs, ys] = this.places();
      this.remember();
      this.lasso = inPolygon(xs, ys, corners);
      this.changed();
    } else if (moved < 5 && this.dims === 2) {
      const at = this.nearest(...place);
      if (at >= 0) this.select([at]);
      else this.refresh();
    }
  }

  move(event) {
    if (this.dims !== 2 || !this.drawn || event.buttons || event.target.closest(".ee-tools")) return;
    const at = this.nearest(...this.local(event));
    if (at < 0) this.leave();
    else this.point(at, event);
  }

  nearest(px, py) {
    if (!this.grid) return -1;
    const { x, y } = this.scale();
    const place = [(px - x[1]) / x[0], (py - y[1]) / y[0], PICK / Math.abs(x[0]), PICK / Math.abs(y[0])];
    const lit = this.active ? this.grid.nearest(...place, this.active) : -1;
    return lit >= 0 ? lit : this.grid.nearest(...place, null);
  }

  point(at, event) {
    const [px, py] = this.local(event);
    if (at !== this.hover) {
      this.hover = at;
      this.share(at);
      this.fillCard(at);
      this.refresh();
    }
    this.card.hidden = false;
    const wide = this.stage.clientWidth;
    const left = px + 16 + this.card.offsetWidth > wide ? px - 16 - this.card.offsetWidth : px + 16;
    const top = Math.min(py + 12, this.stage.clientHeight - this.card.offsetHeight - 4);
    this.card.style.transform = `translate(${Math.max(2, left)}px, ${Math.max(2, top)}px)`;
  }

  leave() {
    if (this.hover < 0) return;
    this.hover = -1;
    this.share(-1);
    this.card.hidden = true;
    this.refresh();
  }

  // Charts of one group show the point under the mouse in each of them.
  share(at) {
    if (!this.data.group) return;
    for (const chart of ALL) {
      if (chart === this || chart.data?.group !== this.data.group) continue;
      chart.hover = at < chart.n ? at : -1;
      chart.refresh();
    }
  }

  select(points) {
    this.remember();
    this.lasso = new Uint8Array(this.n);
    for (const at of points) this.lasso[at] = 1;
    this.changed();
  }

  // -------------------------------------------------------------- zoom

  ranges() {
    const { xaxis, yaxis } = this.plot._fullLayout;
    return [xaxis.range.slice(), yaxis.range.slice()];
  }

  zoom(by) {
    if (this.dims !== 2) return;
    const grown = this.ranges().map(([low, high]) => {
      const middle = (low + high) / 2;
      const half = ((high - low) / 2) * by;
      return [middle - half, middle + half];
    });
    window.Plotly.relayout(this.plot, { "xaxis.range": grown[0], "yaxis.range": grown[1] });
  }

  shift(key) {
    const [x, y] = this.ranges();
    const step = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, 0.15], ArrowDown: [0, -0.15] }[key];
    const moved = (range, by) => range.map((end) => end + by * (range[1] - range[0]));
    window.Plotly.relayout(this.plot, { "xaxis.range": moved(x, step[0]), "yaxis.range": moved(y, step[1]) });
  }

  reset() {
    if (this.dims !== 2) window.Plotly.relayout(this.plot, { "scene.camera": null });
    else {
      const layout = this.layout();
      window.Plotly.relayout(this.plot, { "xaxis.range": layout.xaxis.range, "yaxis.range": layout.yaxis.range });
    }
  }

  fly(at) {
    if (this.dims !== 2) return;
    const whole = this.layout();
    const half = (whole.xaxis.range[1] - whole.xaxis.range[0]) / 16;
    const tall = (whole.yaxis.range[1] - whole.yaxis.range[0]) / 16;
    window.Plotly.relayout(this.plot, {
      "xaxis.range": [this.x[at] - half, this.x[at] + half],
      "yaxis.range": [this.y[at] - tall, this.y[at] + tall],
    });
  }

  // -------------------------------------------------------------- drawing over the points

  refresh() {
    if (this.waiting || this.gone) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (!this.gone && this.drawn) this.paint();
    });
  }

  sized(canvas) {
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [this.stage.clientWidth, this.stage.clientHeight];
    if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
      canvas.width = Math.round(wide * ratio);
      canvas.height = Math.round(high * ratio);
    }
    const brush = canvas.getContext("2d");
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.clearRect(0, 0, wide, high);
    return brush;
  }

  paint() {
    const dim = this.active !== null || this.highlight >= 0;
    [this.ink, this.paper] = this.inks(); // asked once a frame, not for each name
    this.plot.classList.toggle("ee-dim", dim);
    const lit = this.sized(this.lit);
    const over = this.sized(this.over);
    if (this.dims === 3) {
      this.paintSpace(dim, lit, over);
    } else {
      const scale = this.scale();
      const [left, top, wide, high] = scale.box;
      for (const brush of [lit, over]) {
        brush.save();
        brush.beginPath();
        brush.rect(left, top, wide, high);
        brush.clip();
      }
      if (this.isMany()) this.drawMany(scale);
      if (dim) this.paintLit(lit, this.x, this.y, scale);
      this.paintOver(over, scale);
      lit.restore();
      over.restore();
    }
    if (this.corners) this.paintLasso(over);
  }

  paintSpace(dim, lit, over) {
    if (!dim && !this.isPointed()) return;
    const [xs, ys] = this.places();
    if (dim) this.paintLit(lit, xs, ys, { x: [1, 0], y: [1, 0] });
    if (this.isPointed()) this.paintPointed(over, xs[this.data.pointed], ys[this.data.pointed]);
  }

  // The points in colour: 1 for each that is active, and of the kind under the mouse in the legend.
  lightened() {
    const { active, highlight, codes } = this;
    if (highlight < 0) return active;
    const mask = new Uint8Array(this.n);
    for (let i = 0; i < this.n; i++) mask[i] = codes[i] === highlight && (!active || active[i]) ? 1 : 0;
    return mask;
  }

  // The colours in use, and which of them a point has.
  colorTable() {
    const { colors } = this.data;
    if (!this.codes || colors.names) return colors.palette;
    return [...colors.steps, BLANK];
  }

  colorAt() {
    const { colors } = this.data;
    if (!this.codes) return () => 0;
    if (colors.names) return (i) => this.codes[i];
    const steps = colors.steps.length - 1;
    const span = colors.high - colors.low || 1;
    return (i) => {
      const share = (this.codes[i] - colors.low) / span;
      return Number.isNaN(share) ? steps + 1 : Math.round(Math.min(1, Math.max(0, share)) * steps);
    };
  }

  // The place of each point's colour in the table ``(n,)``, worked out once for a colouring.
  huesOf() {
    if (!this.hues) {
      const of = this.colorAt();
      this.hues = new Uint16Array(this.n);
      for (let i = 0; i < this.n; i++) this.hues[i] = of(i);
    }
    return this.hues;
  }

  // Few points as discs; many straight into the picture's pixels, some milliseconds for a million.
  // Places on the screen are a * value + b, for ``x`` and ``y``.
  paintLit(brush, xs, ys, { x: [ax, bx], y: [ay, by] }) {
    const table = this.colorTable();
    const hues = this.huesOf();
    const on = this.lightened();
    const { n } = this;
    const count = this.active ? this.count : n;
    const size = this.dims === 3 ? Math.max(3, this.data.size / 2) : this.data.size;
    if (count <= PLENTY) {
      for (let i = 0; i < n; i++) {
        if (!on[i]) continue;
        brush.fillStyle = table[hues[i]];
        brush.beginPath();
        brush.arc(ax * xs[i] + bx, ay * ys[i] + by, size / 2 + 0.5, 0, 2 * Math.PI);
        brush.fill();
      }
      return;
    }
    const { width, height } = brush.canvas;
    const ratio = window.devicePixelRatio || 1;
    const picture = brush.createImageData(width, height);
    const pixels = new Uint32Array(picture.data.buffer);
    const words = Uint32Array.from(table, (color) => {
      const [r, g, b] = parsed(color);
      return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    });
    const side = Math.max(1, Math.round(size * ratio * 0.8));
    const spots = this.spots(xs, ys, [ax * ratio, bx * ratio, ay * ratio, by * ratio], [side, width, height]);
    for (let i = 0; i < n; i++) {
      if (!on[i] || spots[i] < 0) continue;
      const word = words[hues[i]];
      for (let at = spots[i], row = 0; row < side; row++, at += width) {
        for (let column = 0; column < side; column++) pixels[at + column] = word;
      }
    }
    brush.putImageData(picture, 0, 0);
  }

  // Where the square of each point begins among the pixels ``(n,)``, -1 for those not all within; as a
  // brush moves the view stays, so those of a view are kept.
  spots(xs, ys, [ax, bx, ay, by], [side, width, height]) {
    const view = JSON.stringify([ax, bx, ay, by, side, width, height]);
    if (xs === this.x && this.spotted?.xs === xs && this.spotted.view === view) return this.spotted.spots;
    const half = side >> 1;
    const spots = new Int32Array(this.n);
    for (let i = 0; i < this.n; i++) {
      const px = Math.round(ax * xs[i] + bx) - half;
      const py = Math.round(ay * ys[i] + by) - half;
      const within = px >= 0 && py >= 0 && px + side <= width && py + side <= height;
      spots[i] = within ? py * width + px : -1;
    }
    this.spotted = { xs, view, spots };
    return spots;
  }

  paintOver(brush, scale) {
    const toX = (value) => scale.x[0] * value + scale.x[1];
    const toY = (value) => scale.y[0] * value + scale.y[1];
    const boxes = [];
    const visible = this.visible(scale);
    this.paintPictures(brush, visible, toX, toY, boxes);
    brush.lineWidth = 1.2;
    brush.strokeStyle = "rgba(120,120,120,0.75)";
    for (const [a, b, c, d] of this.data.lines ?? []) {
      brush.beginPath();
      brush.moveTo(toX(a), toY(b));
      brush.lineTo(toX(c), toY(d));
      brush.stroke();
    }
    for (const at of this.found) ring(brush, toX(this.x[at]), toY(this.y[at]), this.data.size / 2 + 4, "#767676", 2);
    if (this.hover >= 0) {
      ring(brush, toX(this.x[this.hover]), toY(this.y[this.hover]), this.data.size / 2 + 3, this.ink, 2);
    }
    for (const mark of this.data.marks ?? []) {
      mark.points.forEach(([x, y], at) => {
        star(brush, toX(x), toY(y), mark.color);
        if (mark.labels[at]) this.write(brush, mark.labels[at], toX(x), toY(y) - 16, boxes, scale.box, true);
      });
    }
    if (this.isPointed()) {
      const at = this.data.pointed;
      const [px, py] = [toX(this.x[at]), toY(this.y[at])];
      this.paintPointed(brush, px, py);
      if (this.texts?.[at]) this.write(brush, clip(this.texts[at], 40), px, py - 20, boxes, scale.box, true);
    }
    // Names of many points wait for a brush to rest: placing them would take half of its frames.
    if (!this.dragging || this.n <= PLENTY) this.paintNames(brush, visible, toX, toY, boxes, scale.box);
  }

  // Whether a row of the table below is pointed at.
  isPointed() {
    return Number.isInteger(this.data.pointed) && this.data.pointed >= 0 && this.data.pointed < this.n;
  }

  paintPointed(brush, px, py) {
    const radius = this.data.size / 2 + 6;
    ring(brush, px, py, radius, this.paper, 6);
    ring(brush, px, py, radius, POINTED, 3);
  }

  // Points in view in a fixed order by chance, so that names do not jump as one zooms; some are enough.
  visible(scale) {
    if (!this.order) this.order = shuffled(this.n);
    const [left, top, wide, high] = scale.box;
    const inside = [];
    let seen = 0;
    for (const i of this.order) {
      if (this.active && !this.active[i]) continue;
      const px = scale.x[0] * this.x[i] + scale.x[1];
      const py = scale.y[0] * this.y[i] + scale.y[1];
      if (px < left || px > left + wide || py < top || py > top + high) continue;
      if (++seen > MANY) break;
      inside.push(i);
    }
    this.seen = seen;
    return inside;
  }

  paintPictures(brush, visible, toX, toY, boxes) {
    const pictures = this.data.pictures;
    this.pictured = new Map(); // points that are pictures, with half a side
    if (!pictures || !pictures.shown) return;
    if (this.seen > MANY) return;
    const area = (this.plot._fullLayout.xaxis._length * this.plot._fullLayout.yaxis._length) / Math.max(1, this.seen);
    const side = Math.min(64, Math.max(18, Math.sqrt(area) * 0.8));
    const wanted = new Set();
    const taken = [];
    for (const i of visible) {
      const box = [toX(this.x[i]) - side / 2, toY(this.y[i]) - side / 2, side, side];
      if (taken.some((other) => overlap(other, box) > 0.3)) continue;
      const sheet = Math.floor(i / SHEET);
      const image = this.sheets.get(sheet);
      if (!image) {
        wanted.add(sheet);
        continue;
      }
      if (!image.complete || !image.naturalWidth) continue;
      taken.push(box);
      const cell = pictures.cell;
      const at = i % SHEET;
      brush.drawImage(image, (at % 16) * cell, Math.floor(at / 16) * cell, cell, cell, ...box);
      boxes.push(box);
      this.pictured.set(i, side / 2);
    }
    this.want(wanted);
  }

  // Asks the server for sheets of pictures that were not asked for yet.
  want(sheets) {
    const asked = [...sheets].filter((one) => !this.wanted.has(one) && !this.sheets.has(one));
    if (!asked.length) return;
    asked.forEach((one) => this.wanted.add(one));
    clearTimeout(this.sheetTimer);
    this.sheetTimer = setTimeout(() => this.tell("sheets", [...this.wanted].sort((a, b) => a - b).slice(-32)), 250);
  }

  takeSheet(at, url) {
    if (this.sheets.has(at)) return;
    const image = new Image();
    image.onload = () => {
      if (this.hover >= 0) this.fillCard(this.hover);
      if (this.inspector) this.showInspected();
      this.refresh();
    };
    image.src = url;
    this.sheets.set(at, image);
  }

  paintNames(brush, visible, toX, toY, boxes, box) {
    const labels = this.data.labels ?? [];
    const grains = this.grains(Math.abs(toX(1) - toX(0)), Math.min(box[2], box[3]));
    const own = []; // names of clusters stand above pictures, which would leave them no room
    const standing = [...labels, ...grains].filter((one) => this.write(brush, one.text, toX(one.x), toY(one.y), own, box, false, 600));
    this.grained = standing.map((one) => one.text);
    boxes.push(...own);
    this.names = [];
    if (!this.texts) return;
    const all = this.n <= NAMED;
    if (!all && (labels.length || grains.length) && this.seen > 400) return;
    // Hands full of names at a time: by the room that is there, more as one zooms in.
    const most = all ? NAMED : Math.max(8, Math.min(80, Math.round((box[2] * box[3]) / 9_000)));
    let written = 0;
    for (const i of [...(this.data.named ?? []), ...visible]) {
      if (written >= most) break;
      if (this.hover === i) continue;
      const name = clip(this.texts[i], 28);
      const half = this.pictured.get(i); // a name stands below its picture, above its point
      const away = half ? half + 9 : -this.data.size / 2 - 7;
      const [px, py] = [toX(this.x[i]), toY(this.y[i])];
      const places = [[0, away]];
      if (all) {
        // Beside or below it rather than not at all.
        const aside = this.data.size / 2 + 6 + this.widthOf(brush, name) / 2;
        places.push([aside, 0], [-aside, 0], [0, -away]);
      }
      if (name && places.some(([dx, dy]) => this.write(brush, name, px + dx, py + dy, boxes, box, false, 400))) {
        this.names.push(name);
        written++;
      }
    }
  }

  // Clusters whose names suit the zoom: a large one gives way to its parts, the largest first.
  grains(pixels, side) {
    const all = this.data.grains ?? [];
    const parts = new Map();
    all.forEach((one, at) => parts.set(one.parent, [...(parts.get(one.parent) ?? []), at]));
    const shown = [];
    const descend = (at) => {
      const below = parts.get(at) ?? [];
      if (at >= 0 && (!below.length || all[at].radius * pixels < side * GRAIN)) shown.push(all[at]);
      else below.forEach(descend);
    };
    descend(-1);
    return shown.sort((a, b) => b.radius - a.radius);
  }

  widthOf(brush, text, weight = 400) {
    const key = `${weight} ${text}`;
    let width = this.widths.get(key); // measured anew, they took most of each frame of a brush
    if (width === undefined) {
      if (this.widths.size > 5_000) this.widths.clear();
      brush.font = font(weight);
      width = brush.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  }

  // A name with a halo, where it covers no other; the marks' own always.
  write(brush, text, px, py, boxes, [left, top, wide, high], always, weight = 600) {
    const shown = clip(text, 40);
    const width = this.widthOf(brush, shown, weight);
    const place = [px - width / 2 - 2, py - 8, width + 4, 16];
    const fits = place[0] >= left && place[1] >= top && place[0] + place[2] <= left + wide && place[1] + 16 <= top + high;
    if (!always && (!fits || boxes.some((other) => overlap(other, place) > 0))) return false;
    boxes.push(place);
    brush.font = font(weight);
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.lineJoin = "round";
    brush.lineWidth = 3.5;
    brush.strokeStyle = this.paper;
    brush.strokeText(shown, px, py);
    brush.fillStyle = this.ink;
    brush.fillText(shown, px, py);
    return true;
  }

  paintLasso(brush) {
    brush.setLineDash([5, 4]);
    brush.lineWidth = 1.5;
    brush.strokeStyle = this.ink;
    brush.fillStyle = "rgba(61,150,204,0.15)";
    brush.beginPath();
    this.corners.forEach(([x, y], at) => (at ? brush.lineTo(x, y) : brush.moveTo(x, y)));
    brush.closePath();
    brush.fill();
    brush.stroke();
    brush.setLineDash([]);
  }

  // -------------------------------------------------------------- hover card

  fillCard(at) {
    const { card } = this;
    card.textContent = "";
    const picture = this.picture(at);
    if (picture) card.append(picture);
    if (this.texts) card.append(make("div", "ee-title", clip(this.texts[at], 200)));
    const list = card.appendChild(make("dl"));
    const { colors } = this.data;
    if (this.codes && colors.title) {
      const told = colors.names ? colors.names[this.codes[at]] : number(this.codes[at]);
      const swatch = make("i", "ee-swatch");
      swatch.style.background = this.colorTable()[this.colorAt()(at)];
      const value = make("dd");
      value.append(swatch, told);
      list.append(make("dt", "", colors.title), value);
    }
    let rows = 0;
    for (const column of this.columns.values()) {
      if (column.name === colors.title || ++rows > 6) continue;
      list.append(make("dt", "", column.name), make("dd", "", clip(this.told(column, at), 60)));
    }
  }

  picture(at) {
    if (!this.data.pictures) return null;
    const sheet = Math.floor(at / SHEET);
    const image = this.sheets.get(sheet);
    if (!image) this.want([sheet]);
    if (!image || !image.complete || !image.naturalWidth) return null;
    const { cell } = this.data.pictures;
    const canvas = make("canvas");
    canvas.width = cell;
    canvas.height = cell;
    const cut = at % SHEET;
    canvas.getContext("2d").drawImage(image, (cut % 16) * cell, Math.floor(cut / 16) * cell, cell, cell, 0, 0, cell, cell);
    return canvas;
  }

  // -------------------------------------------------------------- tools

  makeTools() {
    const tool = (name, icon, told, work) => {
      const one = button("", icon, work);
      one.title = told;
      one.setAttribute("aria-label", told);
      this.bar.append(one);
      this.tools[name] = one;
    };
    this.tools = {};
    tool("lasso", "◌", "Lasso (L, or Shift and drag)", () => this.setLasso(!this.lassoing));
    this.tools.lasso.setAttribute("aria-pressed", "false");
    tool("in", "+", "Zoom in (wheel, +)", () => this.zoom(0.7));
    tool("out", "−", "Zoom out (wheel, -)", () => this.zoom(1 / 0.7));
    tool("reset", "⤢", "Whole map (0, or a double-click)", () => this.reset());
    tool("undo", "↶", "Undo the selection (Ctrl+Z)", () => this.back());
    tool("clear", "✕", "Clear selection and filters (Escape)", () => this.clear());
    tool("save", "⤓", "Save as PNG", () => this.save());
  }

  async save() {
    const [wide, high] = [this.stage.clientWidth, this.stage.clientHeight];
    const url = await window.Plotly.toImage(this.plot, { format: "png", width: wide, height: high, scale: 2 });
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = make("canvas");
    [canvas.width, canvas.height] = [wide * 2, high * 2];
    const brush = canvas.getContext("2d");
    brush.fillStyle = this.paper;
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.globalAlpha = this.plot.classList.contains("ee-dim") ? 0.15 : 1;
    brush.drawImage(image, 0, 0, canvas.width, canvas.height);
    if (this.isMany()) {
      this.points.seen = ""; // what WebGL drew is there for this moment alone
      this.drawMany(this.scale());
      brush.drawImage(this.many, 0, 0, canvas.width, canvas.height);
    }
    brush.globalAlpha = 1;
    for (const layer of [this.lit, this.over]) brush.drawImage(layer, 0, 0, canvas.width, canvas.height);
    const link = make("a");
    link.download = "map.png";
    link.href = canvas.toDataURL("image/png");
    link.click();
  }

  // -------------------------------------------------------------- panel: search, legend, filters

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

  // Without a panel a scale of numbers stands in the chart's corner.
  showScale() {
    const { colors } = this.data;
    this.mini.textContent = "";
    this.mini.hidden = !this.codes || Boolean(colors.names);
    if (this.mini.hidden) return;
    const strip = make("div", "ee-strip");
    strip.style.background = `linear-gradient(90deg, ${colors.steps.join(",")})`;
    const ends = make("div", "ee-ends");
    for (const tick of colors.ticks) ends.append(make("span", "", tick));
    this.mini.append(make("div", "", colors.title), strip, ends);
  }

  makeSearch() {
    this.panel.textContent = "";
    const head = this.panel.appendChild(make("div", "ee-search"));
    this.search = head.appendChild(make("input"));
    this.search.type = "search";
    this.search.placeholder = "Find on the map";
    this.search.setAttribute("aria-label", "Find on the map");
    const turn = () => {
      this.regular.setAttribute("aria-pressed", String(this.regular.getAttribute("aria-pressed") !== "true"));
      this.seek();
    };
    this.regular = head.appendChild(button("", ".*", turn));
    this.regular.title = "Regular expression";
    this.regular.setAttribute("aria-label", "Regular expression");
    this.regular.setAttribute("aria-pressed", "false");
    this.search.addEventListener("input", () => this.seek());
    if (!this.stepped) {
      this.stepped = () => this.stepBack();
      window.addEventListener("popstate", this.stepped);
    }
    this.search.addEventListener("keydown", (event) => event.key === "Enter" && this.found.length && this.fly(this.found[0]));
    this.hits = this.panel.appendChild(make("div", "ee-hits"));
    this.hits.setAttribute("role", "status");
    this.counts = this.panel.appendChild(make("div", "ee-count"));
    this.counts.setAttribute("role", "status");
    this.inspector = this.panel.appendChild(make("div", "ee-inspector"));
    this.legend = this.panel.appendChild(make("div", "ee-legend"));
    this.facets = this.panel.appendChild(make("div", "ee-facets"));
  }

  seek() {
    const words = this.search.value.trim();
    this.found = [];
    this.hits.textContent = "";
    if (words && this.texts) {
      const test = this.tester(words);
      if (!test) return;
      for (let i = 0; i < this.n; i++) {
        if (test(i)) this.found.push(i);
      }
      const text = this.found.length === 1 ? "1 match" : `${many(this.found.length)} matches`;
      const line = this.hits.appendChild(make("div", "ee-line"));
      line.append(text);
      if (this.found.length) {
        const select = () => {
          const { found } = this;
          this.search.value = "";
          this.seek();
          clearTimeout(this.meaningTimer); // told at once: what is selected is not searched anew
          this.tellSearch("");
          this.select(found);
        };
        line.append(button("ee-link", "Select them", select));
      }
      for (const i of this.found.slice(0, 6)) {
        this.hits.append(button("ee-hit", clip(this.texts[i], 60), () => this.fly(i)));
      }
    }
    clearTimeout(this.meaningTimer);
    this.meaningTimer = setTimeout(() => this.tellSearch(words), 500);
    this.refresh();
  }

  tellSearch(words) {
    const mask = new Uint8Array(this.n);
    for (const i of this.found) mask[i] = 1;
    this.tell("query", { words, found: packed(mask), points: this.data.points.url });
  }

  // What a link asks for is typed into the box once.
  takeSearch(old) {
    if (!this.search || (old && old.seek === this.data.seek)) return;
    if (document.activeElement === this.search || this.search.value === (this.data.seek ?? "")) return;
    this.search.value = this.data.seek ?? "";
    this.seek();
  }

  // The browser went back or on: the address says what was searched for then.
  stepBack() {
    const words = new URLSearchParams(location.search).get("seek") ?? "";
    if (this.search.value.trim() === words) return;
    this.search.value = words;
    this.seek();
  }

  tester(words) {
    if (this.regular.getAttribute("aria-pressed") === "true") {
      try {
        const expression = new RegExp(words, "iu");
        return (i) => expression.test(this.texts[i]);
      } catch (error) {
        this.hits.append(make("div", "ee-line", `Not a regular expression: ${error.message}`));
        return null;
      }
    }
    if (!this.lower) this.lower = this.texts.map((text) => text.toLowerCase());
    const parts = words.toLowerCase().split(/\s+/);
    return (i) => parts.every((part) => this.lower[i].includes(part));
  }

  showMeaning() {
    const near = this.data.near;
    if (!this.hits || !near || near.query !== this.search.value.trim()) return;
    this.hits.querySelectorAll(".ee-near").forEach((one) => one.remove());
    this.hits.append(make("div", "ee-line ee-near", near.error || "Nearest by meaning"));
    near.rows.forEach((i, rank) => {
      const one = button("ee-hit ee-near", clip(this.texts?.[i] ?? String(i), 48), () => this.fly(i));
      one.append(make("span", "ee-score", near.scores[rank].toFixed(2)));
      this.hits.append(one);
    });
  }

  showCount() {
    this.counts.textContent = "";
    const told = this.active ? `${many(this.count)} of ${many(this.n)} selected` : `${many(this.n)} points`;
    this.counts.append(told);
    if (this.active) this.counts.append(button("ee-link", "Clear", () => this.clear()));
  }

  // All that is known of the one point that is selected, and its true neighbours.
  showInspected() {
    const { inspected } = this.data;
    this.inspector.textContent = "";
    if (!inspected || this.count !== 1 || !this.active || !this.active[inspected.point]) return;
    const at = inspected.point;
    const picture = this.picture(at);
    if (picture) this.inspector.append(picture);
    const title = this.texts ? this.texts[at] : inspected.id;
    this.inspector.append(make("div", "ee-head", title));
    const list = this.inspector.appendChild(make("dl"));
    const tell = (name, value) => list.append(make("dt", "", name), make("dd", "", value));
    if (inspected.id !== title) tell("id", inspected.id);
    for (const column of this.columns.values()) tell(column.name, this.told(column, at));
    if (inspected.lost) this.inspector.append(make("div", "ee-score", inspected.lost));
    if (!inspected.near.length) return;
    this.inspector.append(make("div", "ee-head", `Nearest neighbours (${inspected.told})`));
    inspected.near.forEach((other, rank) => {
      const one = button("ee-hit", clip(this.texts?.[other] ?? String(other), 60), () => this.select([other]));
      one.append(make("span", "ee-score", String(inspected.scores[rank])));
      one.addEventListener("pointerenter", () => {
        this.hover = other;
        this.refresh();
      });
      this.inspector.append(one);
    });
  }

  told(column, at) {
    const value = column.values[at];
    return column.kind === "category" ? (column.names[value] ?? "") : shownNumber(column, value);
  }

  showLegend() {
    const { colors } = this.data;
    const kept = this.legend.scrollTop;
    this.legend.textContent = "";
    if (!this.codes || !colors.title) return;
    this.legend.append(make("div", "ee-head", colors.title));
    if (!colors.names) {
      const strip = make("div", "ee-strip");
      strip.style.background = `linear-gradient(90deg, ${colors.steps.join(",")})`;
      const ends = make("div", "ee-ends");
      for (const tick of colors.ticks) ends.append(make("span", "", tick));
      this.legend.append(strip, ends);
      return;
    }
    const counts = new Uint32Array(colors.names.length);
    const mask = this.passingBut(LEGEND);
    const { codes, n } = this;
    if (!mask) for (let i = 0; i < n; i++) counts[codes[i]]++;
    else for (let i = 0; i < n; i++) counts[codes[i]] += mask[i];
    const list = this.legend.appendChild(make("div", "ee-kinds"));
    colors.names.forEach((name, code) => {
      const one = button("ee-kind", "", (event) =>
        this.toggleKind(code, event.ctrlKey || event.metaKey || event.shiftKey),
      );
      const swatch = make("i", "ee-swatch");
      swatch.style.background = colors.palette[code];
      const on = !this.shown || this.shown.has(code);
      one.classList.toggle("ee-off", !on);
      one.setAttribute("aria-pressed", String(on));
      one.title = "Click: show only this. Ctrl or Shift: show or hide it.";
      one.append(swatch, make("span", "ee-name", name), make("span", "ee-score", many(counts[code])));
      const over = (value) => () => {
        this.highlight = value;
        this.refresh();
      };
      one.addEventListener("pointerenter", over(code));
      one.addEventListener("pointerleave", over(-1));
      list.append(one);
    });
    this.legend.scrollTop = kept;
  }

  toggleKind(code, several) {
    this.remember();
    this.highlight = -1;
    const all = this.data.colors.names.length;
    if (several) {
      const now = this.shown ?? new Set(Array(all).keys());
      if (now.has(code)) now.delete(code);
      else now.add(code);
      this.shown = now.size === all || !now.size ? null : now;
    } else {
      const alone = this.shown?.size === 1 && this.shown.has(code);
      this.shown = alone ? null : new Set([code]);
    }
    this.changed();
  }

  showFilters() {
    const open = this.openFacets ?? new Set([...this.columns.keys()].slice(0, 4));
    this.openFacets = open;
    if (this.facetsKey !== this.columnsKey + this.data.colors.title) {
      this.facets.textContent = "";
      this.facetParts = new Map();
      for (const column of this.columns.values()) {
        // The legend filters by the kinds that points are coloured by.
        if (column.kind === "category" && column.name === this.data.colors.title) continue;
        this.facetParts.set(column.name, this.makeFacet(column));
      }
      this.facetsKey = this.columnsKey + this.data.colors.title;
    }
    for (const [name, part] of this.facetParts ?? []) if (part.box.open) part.show(this.columns.get(name));
  }

  makeFacet(column) {
    const box = this.facets.appendChild(make("details", "ee-facet"));
    box.open = this.openFacets.has(column.name);
    const head = box.appendChild(make("summary", "", column.name));
    const state = head.appendChild(make("span", "ee-score"));
    const part = { box, state };
    const body = box.appendChild(make("div"));
    part.show = column.kind === "category" ? this.categories(column, body, state) : this.histogram(column, body, state);
    box.addEventListener("toggle", () => {
      if (box.open) {
        this.openFacets.add(column.name);
        part.show(column);
      } else this.openFacets.delete(column.name);
    });
    return part;
  }

  categories({ name }, body, state) {
    return (column) => {
      const names = column.members ?? column.names; // a point may have several, such as tags
      const counts = new Uint32Array(names.length);
      const mask = this.passingBut(name);
      for (let i = 0; i < this.n; i++) {
        if (mask && !mask[i]) continue;
        if (!column.parts) counts[column.values[i]]++;
        else for (const code of column.parts[column.values[i]]) counts[code]++;
      }
      const filter = this.filters.get(name);
      state.textContent = filter ? `${filter.size} of ${names.length}` : "";
      body.textContent = "";
      const most = Math.max(1, ...counts);
      const order = [...counts.keys()].sort((a, b) => counts[b] - counts[a]).slice(0, 12);
      for (const code of order) {
        const toggle = () => {
          this.remember();
          const now = new Set(this.filters.get(name) ?? []);
          if (now.has(code)) now.delete(code);
          else now.add(code);
          if (now.size) this.filters.set(name, now);
          else this.filters.delete(name);
          this.changed();
        };
        const one = button("ee-kind ee-bar", "", toggle);
        one.setAttribute("aria-pressed", String(Boolean(filter?.has(code))));
        one.style.setProperty("--ee-share", `${(100 * counts[code]) / most}%`);
        one.classList.toggle("ee-off", Boolean(filter) && !filter.has(code));
        one.append(make("span", "ee-name", names[code]), make("span", "ee-score", many(counts[code])));
        body.append(one);
      }
      if (names.length > order.length) body.append(make("div", "ee-line", `and ${names.length - order.length} more`));
    };
  }

  // A histogram of all in pale and of what is active in colour; a drag brushes a range.
  histogram({ name, values, low, high }, body, state) {
    const canvas = body.appendChild(make("canvas", "ee-histogram"));
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "slider");
    canvas.setAttribute("aria-label", `${name}: drag to filter; arrow keys move the range`);
    const ends = body.appendChild(make("div", "ee-ends"));
    const { from: start, span, bars, whole } = barsOf(values, low, high);
    const bins = new Uint8Array(this.n);
    for (let i = 0; i < this.n; i++) {
      const share = (values[i] - start) / span;
      bins[i] = Number.isNaN(share) ? 255 : Math.min(bars - 1, Math.floor(share * bars));
    }
    const all = new Uint32Array(256);
    for (let i = 0; i < this.n; i++) all[bins[i]]++;
    const show = (column) => {
      const part = new Uint32Array(256);
      const mask = this.passingBut(name);
      const filter = this.filters.get(name);
      if (!mask) part.set(all);
      else for (let i = 0; i < this.n; i++) part[bins[i]] += mask[i];
      drawBars(canvas, all.subarray(0, bars), part, filter, start, span);
      ends.textContent = "";
      for (const end of [low, high]) ends.append(make("span", "", shownNumber(column, end)));
      let told = "";
      if (filter) {
        const [least, most] = whole ? [Math.ceil(filter.low), Math.floor(filter.high)] : [filter.low, filter.high];
        told = least > most ? "none" : `${shownNumber(column, least)} to ${shownNumber(column, most)}`;
      }
      state.textContent = told;
      canvas.setAttribute("aria-valuetext", told || "all");
    };
    const valueAt = (event) => {
      const box = canvas.getBoundingClientRect();
      return start + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * span;
    };
    let from = null;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.remember();
      this.dragging = true;
      from = valueAt(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (from === null) return;
      const to = valueAt(event);
      this.filters.set(name, { low: Math.min(from, to), high: Math.max(from, to) });
      this.brushed();
    });
    canvas.addEventListener("pointerup", (event) => {
      const to = valueAt(event);
      if (from !== null && Math.abs(to - from) < span / 200) this.filters.delete(name);
      this.dragging = false;
      from = null;
      this.changed();
    });
    canvas.addEventListener("pointercancel", () => {
      this.dragging = false;
      from = null;
      this.changed();
    });
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Delete" || event.key === "Escape") this.filters.delete(name);
      else if (step) {
        const now = this.filters.get(name) ?? { low, high: low + span / 4 };
        const by = (step * span) / 20;
        const kept = Math.min(high - now.high, Math.max(low - now.low, by));
        this.filters.set(name, { low: now.low + kept, high: now.high + kept });
      } else return;
      event.preventDefault();
      event.stopPropagation();
      this.changed();
    });
    return show;
  }

  // During a brush at most once a frame; the server hears of it at its end.
  brushed() {
    if (this.brushing) return;
    this.brushing = true;
    requestAnimationFrame(() => {
      this.brushing = false;
      this.changed(false);
    });
  }
}

// ---------------------------------------------------------------- many points

// Points as discs by WebGL, all in one call. Plotly reads the colour of each as text and takes
// seconds for a million; here they are numbers of a table's colours. Axes, zoom and pan stay its.
class Points {
  constructor(canvas) {
    this.canvas = canvas;
    this.lost = (event) => event.preventDefault(); // it is restored then
    this.restored = () => {
      this.build();
      if (this.x) this.place(this.x, this.y);
      if (this.hues) this.paint(this.hues, this.table);
      if (this.last) this.draw(...this.last);
    };
    canvas.addEventListener("webglcontextlost", this.lost);
    canvas.addEventListener("webglcontextrestored", this.restored);
    this.build();
  }

  build() {
    const gl = this.canvas.getContext("webgl", { antialias: false });
    this.gl = gl;
    const compiled = (kind, text) => {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      return shader;
    };
    this.program = gl.createProgram();
    gl.attachShader(this.program, compiled(gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(this.program, compiled(gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(this.program);
    gl.useProgram(this.program);
    this.buffers = ["x", "y", "hue"].map((name) => {
      const place = gl.getAttribLocation(this.program, name);
      gl.enableVertexAttribArray(place);
      return { place, buffer: gl.createBuffer() };
    });
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.seen = "";
  }

  send(at, values, kind) {
    const { gl } = this;
    const { place, buffer } = this.buffers[at];
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.vertexAttribPointer(place, 1, kind, false, 0, 0);
    this.seen = "";
  }

  place(x, y) {
    [this.x, this.y] = [x, y];
    this.send(0, x, this.gl.FLOAT);
    this.send(1, y, this.gl.FLOAT);
  }

  // ``hues`` are places in the ``table`` of colours (#rrggbb), which lies in rows of 256.
  paint(hues, table) {
    const { gl } = this;
    [this.hues, this.table] = [hues, table];
    this.send(2, hues, gl.UNSIGNED_SHORT);
    this.rows = Math.ceil(table.length / 256);
    const texels = new Uint8Array(256 * this.rows * 4);
    table.forEach((color, at) => texels.set([...parsed(color), 255], 4 * at));
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, this.rows, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
  }

  // ``scale`` as Scatter.scale gives it, ``stage`` and ``size`` in pixels of the page.
  draw(scale, stage, size) {
    const ratio = window.devicePixelRatio || 1;
    const view = JSON.stringify([scale, stage, size, ratio]);
    if (view === this.seen || !this.hues) return;
    this.last = [scale, stage, size];
    const { gl, canvas, program } = this;
    const [wide, high] = stage.map((side) => Math.round(side * ratio));
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    gl.viewport(0, 0, wide, high);
    gl.clearColor(0, 0, 0, 0);
    gl.disable(gl.SCISSOR_TEST);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const [left, top, width, height] = scale.box.map((side) => Math.round(side * ratio));
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(left, high - top - height, width, height);
    // Values go from the middle of the view, so that single precision does for a narrow one, too.
    const side = ([a, b], from, length) => {
      const middle = (from + length / 2 - b) / a;
      return [middle, a, from + length / 2];
    };
    const uniform = (name) => gl.getUniformLocation(program, name);
    gl.uniform3f(uniform("across"), ...side(scale.x, scale.box[0], scale.box[2]));
    gl.uniform3f(uniform("down"), ...side(scale.y, scale.box[1], scale.box[3]));
    gl.uniform2f(uniform("stage"), ...stage);
    gl.uniform1f(uniform("size"), size * ratio);
    gl.uniform1f(uniform("rows"), this.rows);
    gl.drawArrays(gl.POINTS, 0, this.hues.length);
    this.seen = view;
  }

  destroy() {
    this.canvas.removeEventListener("webglcontextlost", this.lost);
    this.canvas.removeEventListener("webglcontextrestored", this.restored);
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

const VERTEX = `
precision highp float;
attribute float x, y, hue;
uniform vec3 across, down;
uniform vec2 stage;
uniform float size;
varying float color;
void main() {
  vec2 at = vec2((x - across.x) * across.y + across.z, (y - down.x) * down.y + down.z) / stage;
  gl_Position = vec4(2. * at.x - 1., 1. - 2. * at.y, 0., 1.);
  gl_PointSize = size + 1.;
  color = hue;
}`;
const FRAGMENT = `
precision highp float;
uniform sampler2D table;
uniform float size, rows;
varying float color;
void main() {
  float away = length(gl_PointCoord - .5) * (size + 1.);
  float cover = clamp(size / 2. + .5 - away, 0., 1.) * .6;
  float row = floor((color + .5) / 256.);
  vec2 place = vec2(color - 256. * row + .5, row + .5) / vec2(256., rows);
  gl_FragColor = vec4(texture2D(table, place).rgb, 1.) * cover;
}`;

// ---------------------------------------------------------------- drawing

function product(a, b) {
  const out = new Float64Array(16);
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      for (let k = 0; k < 4; k++) out[column * 4 + row] += a[k * 4 + row] * b[column * 4 + k];
    }
  }
  return out;
}

function overlap([ax, ay, aw, ah], [bx, by, bw, bh]) {
  const wide = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const high = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  return wide <= 0 || high <= 0 ? 0 : (wide * high) / Math.min(aw * ah, bw * bh);
}

function ring(brush, x, y, radius, color, width) {
  brush.lineWidth = width;
  brush.strokeStyle = color;
  brush.beginPath();
  brush.arc(x, y, radius, 0, 2 * Math.PI);
  brush.stroke();
}

function star(brush, x, y, color) {
  brush.beginPath();
  for (let corner = 0; corner < 10; corner++) {
    const radius = corner % 2 ? 5 : 11;
    const angle = (corner * Math.PI) / 5 - Math.PI / 2;
    brush.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  brush.closePath();
  brush.fillStyle = color;
  brush.fill();
  brush.lineWidth = 1.5;
  brush.strokeStyle = "#fff";
  brush.stroke();
}

// The bars of a histogram: of whole numbers each has as many of them, so that none is empty for that.
function barsOf(values, low, high) {
  const whole = Number.isFinite(low) && values.every((value) => Number.isNaN(value) || Number.isInteger(value));
  if (!whole) return { from: low, span: high - low || 1, bars: BARS, whole };
  const each = Math.ceil((high - low + 1) / BARS);
  const bars = Math.ceil((high - low + 1) / each);
  return { from: low - 0.5, span: bars * each, bars, whole };
}

function drawBars(canvas, all, part, filter, low, span) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [canvas.clientWidth || 220, canvas.clientHeight || 44];
  canvas.width = wide * ratio;
  canvas.height = high * ratio;
  const brush = canvas.getContext("2d");
  brush.scale(ratio, ratio);
  let most = 1;
  for (const count of all) most = Math.max(most, count);
  const step = wide / all.length;
  for (let bar = 0; bar < all.length; bar++) {
    const draw = (count, color) => {
      const tall = Math.max(count ? 1 : 0, (high * count) / most);
      brush.fillStyle = color;
      brush.fillRect(bar * step, high - tall, step - 1, tall);
    };
    draw(all[bar], "rgba(128,128,128,0.3)");
    draw(part[bar], "#3D96CC");
  }
  if (filter) {
    const [from, to] = [filter.low, filter.high].map((end) => ((end - low) / span) * wide);
    brush.fillStyle = "rgba(191,122,0,0.25)";
    brush.fillRect(from, 0, Math.max(1, to - from), high);
  }
}

// The square root of how many points lie about each cell of a grid (a Gaussian kernel).
function density(x, y) {
  const cells = 120;
  const ends = (values) => {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const pad = (high - low) * 0.1 || 1;
    return [low - pad, (high - low + 2 * pad) / cells];
  };
  const [[x0, dx], [y0, dy]] = [ends(x), ends(y)];
  const counts = new Float64Array(cells * cells);
  for (let i = 0; i < x.length; i++) counts[Math.floor((y[i] - y0) / dy) * cells + Math.floor((x[i] - x0) / dx)]++;
  const reach = 6;
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-(((at - reach) / 2.2) ** 2) / 2));
  const blur = (from, step, along) => {
    const to = new Float64Array(from.length);
    for (let at = 0; at < from.length; at++) {
      const place = along(at);
      for (let by = -reach; by <= reach; by++) {
        if (place + by >= 0 && place + by < cells) to[at] += from[at + by * step] * kernel[by + reach];
      }
    }
    return to;
  };
  const wide = blur(counts, 1, (at) => at % cells);
  const both = blur(wide, cells, (at) => Math.floor(at / cells));
  const z = Array.from({ length: cells }, (_, row) => Array.from(both.subarray(row * cells, (row + 1) * cells), Math.sqrt));
  return { z, x0: x0 + dx / 2, dx, y0: y0 + dy / 2, dy };
}

// The same order by chance each time.
function shuffled(n) {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let seed = 12345;
  for (let i = n - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const j = seed % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

// Points by cells of a grid, to find the nearest to the mouse without asking all.
class Grid {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    const n = x.length;
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < n; i++) {
      left = Math.min(left, x[i]);
      right = Math.max(right, x[i]);
      low = Math.min(low, y[i]);
      high = Math.max(high, y[i]);
    }
    this.side = Math.max(1, Math.min(512, Math.round(Math.sqrt(n / 2))));
    this.left = left;
    this.low = low;
    this.wide = (right - left) / this.side || 1;
    this.high = (high - low) / this.side || 1;
    const cells = this.side * this.side;
    this.start = new Uint32Array(cells + 1);
    const cell = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      cell[i] = this.row(y[i]) * this.side + this.column(x[i]);
      this.start[cell[i] + 1]++;
    }
    for (let c = 0; c < cells; c++) this.start[c + 1] += this.start[c];
    const next = this.start.slice(0, cells);
    this.items = new Uint32Array(n);
    for (let i = 0; i < n; i++) this.items[next[cell[i]]++] = i;
  }

  column(x) {
    return Math.max(0, Math.min(this.side - 1, Math.floor((x - this.left) / this.wide)));
  }

  row(y) {
    return Math.max(0, Math.min(this.side - 1, Math.floor((y - this.low) / this.high)));
  }

  nearest(x, y, reachX, reachY, on) {
    let best = -1;
    let least = 1;
    let looked = 0;
    for (let row = this.row(y - reachY); row <= this.row(y + reachY); row++) {
      for (let column = this.column(x - reachX); column <= this.column(x + reachX); column++) {
        const cell = row * this.side + column;
        for (let at = this.start[cell]; at < this.start[cell + 1]; at++) {
          const i = this.items[at];
          if (on && !on[i]) continue;
          if (++looked > 200_000) return best;
          const away = ((this.x[i] - x) / reachX) ** 2 + ((this.y[i] - y) / reachY) ** 2;
          if (away < least) {
            least = away;
            best = i;
          }
        }
      }
    }
    return best;
  }
}
