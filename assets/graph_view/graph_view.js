// A knowledge graph drawn by Cytoscape.js: panned, zoomed, expanded by a click. The server says what
// is drawn and where; here names are put where they hide nothing, anew for each zoom, in letters of
// one size. A click is told to the server, which answers with the next drawing.

const VIEWS = new WeakMap();
const UNIT = 120; // pixels of a link at zoom 1
const WIDE = 1.35; // names are wider than high, so places are drawn apart sideways
const PADDING = 52;
const CLOSEST = 1.5; // zoom at which all of a small graph is shown
const NAMES = 160; // that are looked at for room, of those in view
const LINKS = 400; // in view, up to which their relations are named
const CURVED = 1_500; // links, up to which two between the same entities are curved apart
const SLOW = 4_000; // links from which they are left out while the drawing moves
const COLORS = { start: "#009E73", expanded: "#0072B2", other: "#767676", link: "#8a8a8a", predicted: "#D55E00", lit: "#0072B2" };
const RADII = { start: 11, expanded: 9, other: 6 };
const PICTURES = { start: 24, expanded: 21, other: 18 }; // half the side of an entity with a picture

export function mount(component) {
  const { parentElement, data, setTriggerValue } = component;
  let view = VIEWS.get(parentElement);
  if (!view) {
    view = new GraphView(parentElement);
    VIEWS.set(parentElement, view);
  }
  view.tell = setTriggerValue;
  view.update(data);
  return () => {
    view.destroy();
    VIEWS.delete(parentElement);
  };
}

const make = (tag, cls, text) => {
  const one = document.createElement(tag);
  if (cls) one.className = cls;
  if (text !== undefined) one.textContent = text;
  return one;
};

class GraphView {
  constructor(parent) {
    this.root = parent.querySelector(".ee-graph") ?? parent.appendChild(make("div", "ee-graph"));
    this.root.textContent = "";
    this.stage = this.root.appendChild(make("div", "ee-graph-stage"));
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.plot = this.stage.appendChild(make("div", "ee-graph-plot"));
    this.over = this.stage.appendChild(make("canvas", "ee-graph-names"));
    this.card = this.stage.appendChild(make("div", "ee-graph-card"));
    this.card.hidden = true;
    this.note = this.stage.appendChild(make("div", "ee-graph-note"));
    this.note.setAttribute("role", "status");
    this.note.hidden = true;
    this.tools = this.stage.appendChild(make("div", "ee-graph-tools"));
    for (const [sign, name, act] of [
      ["+", "Zoom in", () => this.zoom(1.4)],
      ["−", "Zoom out", () => this.zoom(1 / 1.4)],
      ["⤢", "Show all", () => this.fit(true)],
    ]) {
      const button = this.tools.appendChild(make("button", "", sign));
      button.type = "button";
      button.title = name;
      button.setAttribute("aria-label", name);
      button.addEventListener("click", act);
    }
    this.stage.addEventListener("keydown", (event) => this.press(event));
    for (const kind of ["pointermove", "pointerdown", "mousedown", "mousemove", "touchstart", "wheel"]) {
      this.stage.addEventListener(kind, () => this.locate(), { capture: true, passive: true });
    }
    this.widths = new Map();
    this.boxes = []; // of the names that are shown: [left, top, right, bottom, text]
    this.queue = Promise.resolve();
    this.root.view = this; // for whoever looks at it from the console
    this.scheme = window.matchMedia("(prefers-color-scheme: dark)");
    this.turned = () => setTimeout(() => this.refresh(), 300); // the page takes its colours first
    this.scheme.addEventListener("change", this.turned);
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(this.stage);
  }

  destroy() {
    this.gone = true;
    this.watch.disconnect();
    this.scheme.removeEventListener("change", this.turned);
    this.cy?.destroy();
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
        this.note.textContent = `The graph could not be drawn: ${error.message}. Reload the page.`;
        this.note.hidden = false;
      }
    });
  }

  async take(data) {
    const { default: cytoscape } = await import(new URL(data.cytoscape, location.href).href);
    if (this.gone) return;
    const fresh = !this.cy || this.data.of !== data.of;
    this.data = data;
    this.stage.setAttribute("aria-label", data.alt);
    if (!this.cy) this.begin(cytoscape);
    this.replace(fresh);
    this.light(data.selected);
    this.root.dataset.drawn = String(data.nodes.length);
    this.refresh();
  }

  begin(cytoscape) {
    const many = this.data.links.length > SLOW;
    this.cy = cytoscape({
      container: this.plot,
      layout: { name: "preset" },
      style: this.style(),
      minZoom: 0.01,
      maxZoom: 6,
      autounselectify: true,
      autoungrabify: true,
      boxSelectionEnabled: false,
      hideEdgesOnViewport: many,
      textureOnViewport: many,
      pixelRatio: many ? 1 : "auto",
    });
    this.cy.on("render", () => this.refresh());
    this.cy.on("zoom", () => {
      clearTimeout(this.sizing);
      this.sizing = setTimeout(() => this.size(), 120);
    });
    this.cy.on("tap", "node", (event) => this.tell("tapped", { entity: Number(event.target.id()) }));
    this.cy.on("tap", "edge", (event) => this.tell("tapped", { link: event.target.id() }));
    this.cy.on("mouseover", "node, edge", (event) => this.point(event));
    this.cy.on("mouseout viewport", () => {
      this.card.hidden = true;
      this.stage.style.cursor = "";
    });
  }

  // Points and lines keep their size on the screen, whatever the zoom.
  size() {
    if (this.gone || !this.cy || (this.sized && Math.abs(Math.log(this.cy.zoom() / this.sized)) < 0.15)) return;
    this.cy.style(this.style());
  }

  // Pixels of a point on the screen; of many it is smaller.
  radius(kind, picture = false) {
    const room = Math.max(0.6, Math.min(1, this.stage.clientWidth / 600));
    return (picture ? PICTURES : RADII)[kind] * room * Math.max(0.35, Math.min(1, Math.sqrt(120 / this.data.nodes.length)));
  }

  style() {
    this.sized = this.cy?.zoom() ?? 1;
    const unit = 1 / this.sized;
    const line = unit * (this.data.links.length > CURVED ? 0.6 : 1.3);
    // Cytoscape makes a head of a line's width, of 29 at the least.
    const head = (unit * (this.data.links.length > CURVED ? 5 : 16)) / Math.max(29, (13.37 * line) ** 0.9);
    const kinds = Object.keys(RADII).map((kind) => ({
      selector: `node[kind = "${kind}"]`,
      style: {
        width: 2 * unit * this.radius(kind),
        height: 2 * unit * this.radius(kind),
        "background-color": COLORS[kind],
        shape: kind === "start" ? "diamond" : "ellipse",
      },
    }));
    const pictures = Object.keys(PICTURES).map((kind) => ({
      selector: `node[kind = "${kind}"][picture]`,
      style: {
        width: 2 * unit * this.radius(kind, true),
        height: 2 * unit * this.radius(kind, true),
        shape: "round-rectangle",
        "background-color": "#fff",
        "background-image": "data(picture)",
        "background-fit": "cover",
        "border-width": (kind === "other" ? 1 : 3) * unit,
        "border-color": COLORS[kind],
        "border-opacity": 1,
      },
    }));
    const lit = { opacity: 1,  "line-color": COLORS.lit, "target-arrow-color": COLORS.lit, width: 2.4 * line, "z-index": 9 };
    return [
      ...kinds,
      { selector: 'node[kind = "expanded"]', style: { "border-width": 3 * unit, "border-color": COLORS.expanded, "border-opacity": 0.35 } },
      ...pictures,
      {
        selector: "edge",
        style: {
          width: line,
          opacity: this.data.links.length > LINKS ? 0.35 : 1,
          "line-color": COLORS.link,
          "target-arrow-color": COLORS.link,
          "target-arrow-shape": "triangle",
          "arrow-scale": head,
          "curve-style": this.data.links.length > CURVED ? "straight" : "bezier",
          "control-point-step-size": 26 * unit,
        },
      },
      {
        selector: "edge[?predicted]",
        style: { "line-style": "dashed", "line-color": COLORS.predicted, "target-arrow-color": COLORS.predicted, width: 1.6 * line },
      },
      { selector: "edge[?lit]", style: lit },
      { selector: ".chosen", style: { ...lit, width: 3.2 * line } },
      { selector: "edge[?predicted].chosen", style: { "line-color": COLORS.predicted, "target-arrow-color": COLORS.predicted } },
    ];
  }

  // What is new is added where the server put it, what is gone is taken out, the rest moves.
  replace(fresh) {
    const { nodes, links } = this.data;
    const kept = new Set([...nodes, ...links].map((one) => one.id));
    const upright = this.stage.clientHeight > this.stage.clientWidth; // as on a phone
    const place = ([x, y]) => ({ x: (upright ? y : x) * UNIT * WIDE, y: (upright ? x : y) * UNIT });
    const moving = [];
    this.cy.batch(() => {
      this.cy.elements().forEach((one) => {
        if (!kept.has(one.id())) one.remove();
      });
      for (const one of nodes) {
        const held = this.cy.getElementById(one.id);
        if (held.empty()) this.cy.add({ group: "nodes", data: { ...one }, position: place(one.place) });
        else {
          if (!one.picture) held.removeData("picture");
          held.data(one);
          moving.push([held, place(one.place)]);
        }
      }
      for (const one of links) {
        const held = this.cy.getElementById(one.id);
        if (held.empty()) this.cy.add({ group: "edges", data: { ...one } });
        else held.data(one);
      }
    });
    this.cy.style(this.style());
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (fresh || still || nodes.length > 400) {
      for (const [one, position] of moving) one.position(position);
      if (fresh || !this.allInView()) this.fit(false);
      return;
    }
    for (const [one, position] of moving) one.animate({ position }, { duration: 350 });
    setTimeout(() => !this.gone && !this.allInView() && this.fit(true), 380);
  }

  light(selected) {
    const chosen = selected ? this.cy.getElementById(selected) : null;
    this.cy.batch(() => {
      this.cy.elements().removeClass("chosen");
      if (!chosen?.nonempty()) return;
      chosen.addClass("chosen");
    });
    this.chosen = chosen?.nonempty() ? chosen : null;
    if (this.chosen && this.told !== selected && !this.isInView(chosen.boundingBox())) {
      this.cy.animate({ center: { eles: chosen } }, { duration: 200 });
    }
    this.told = selected;
  }

  isInView(box) {
    const view = this.cy.extent();
    return box.x1 >= view.x1 && box.x2 <= view.x2 && box.y1 >= view.y1 && box.y2 <= view.y2;
  }

  allInView() {
    return this.isInView(this.cy.nodes().boundingBox());
  }

  fit(animated) {
    if (!this.cy || !this.stage.clientWidth || this.cy.nodes().empty()) return;
    const box = this.cy.nodes().boundingBox();
    const { clientWidth: width, clientHeight: height } = this.stage;
    const zoom = Math.min((width - 2 * PADDING) / Math.max(box.w, 1), (height - 2 * PADDING) / Math.max(box.h, 1), CLOSEST);
    const pan = { x: width / 2 - (zoom * (box.x1 + box.x2)) / 2, y: height / 2 - (zoom * (box.y1 + box.y2)) / 2 };
    if (animated) this.cy.animate({ zoom, pan }, { duration: 200 });
    else {
      this.cy.viewport({ zoom, pan });
      this.size();
    }
  }

  zoom(factor) {
    const middle = { x: this.stage.clientWidth / 2, y: this.stage.clientHeight / 2 };
    this.cy?.zoom({ level: this.cy.zoom() * factor, renderedPosition: middle });
  }

  press(event) {
    if (!this.cy || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (steps[event.key]) this.cy.panBy({ x: steps[event.key][0], y: steps[event.key][1] });
    else if (event.key === "+" || event.key === "=") this.zoom(1.4);
    else if (event.key === "-") this.zoom(1 / 1.4);
    else if (event.key === "0") this.fit(false);
    else return;
    event.preventDefault();
  }

  resize() {
    if (!this.cy || this.gone || !this.stage.clientWidth) return;
    this.cy.resize();
    this.fit(false);
  }

  // Cytoscape remembers where it stands on the page, which what comes above it moves.
  locate() {
    const { x, y } = this.plot.getBoundingClientRect();
    if (!this.cy || (this.stood?.x === x && this.stood?.y === y)) return;
    this.stood = { x, y };
    this.cy.resize();
  }

  // Where an entity is on the page, for tests.
  at(id) {
    const { x, y } = this.cy.getElementById(id).renderedPosition();
    const box = this.plot.getBoundingClientRect();
    return { x: box.x + x, y: box.y + y };
  }

  // Where the middle of a link is on the page, for tests.
  middle(id) {
    const { x, y } = this.cy.getElementById(id).renderedMidpoint();
    const box = this.plot.getBoundingClientRect();
    return { x: box.x + x, y: box.y + y };
  }

  point(event) {
    const { name, note } = event.target.data();
    this.card.textContent = "";
    this.card.appendChild(make("div", "ee-graph-title", name));
    if (note) this.card.appendChild(make("div", "", note));
    this.card.hidden = false;
    this.stage.style.cursor = "pointer";
    const { x, y } = event.renderedPosition;
    const { clientWidth: width, clientHeight: height } = this.stage;
    this.card.style.left = `${Math.max(4, Math.min(x + 14, width - this.card.offsetWidth - 4))}px`;
    this.card.style.top = `${Math.max(4, Math.min(y + 14, height - this.card.offsetHeight - 4))}px`;
  }

  // ------------------------------------------------------------ names

  refresh() {
    if (this.waiting || this.gone) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      if (!this.gone && this.cy) this.name();
    });
  }

  name() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    if (this.over.width !== Math.round(width * ratio) || this.over.height !== Math.round(height * ratio)) {
      this.over.width = Math.round(width * ratio);
      this.over.height = Math.round(height * ratio);
    }
    const pen = this.over.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const own = getComputedStyle(this.root);
    this.ink = own.color;
    this.ground = own.getPropertyValue("--st-background-color").trim() || "#fff";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    this.boxes = [];
    this.inner = { left: 2, top: 2, right: width - 2, bottom: height - 2 };
    const zoom = this.cy.zoom();
    const seen = (x, y) => x > -20 && y > -20 && x < width + 20 && y < height + 20;
    const nodes = this.data.nodes
      .map((one) => ({ one, at: this.cy.getElementById(one.id).renderedPosition(), radius: this.radius(one.kind, one.picture) * (zoom / this.sized) }))
      .filter(({ at }) => seen(at.x, at.y));
    // A name may hide no other point, where these are few enough to be told apart.
    this.discs = nodes.length <= NAMES ? nodes.map(({ at, radius }) => [at.x - radius, at.y - radius, at.x + radius, at.y + radius]) : [];
    if (this.chosen) this.nameLink(pen, this.chosen, true);
    for (const { one, at, radius } of nodes.slice(0, NAMES)) this.nameNode(pen, one, at, radius);
    if (this.data.links.length > LINKS) return;
    this.cy.edges().forEach((edge) => {
      if (edge !== this.chosen) this.nameLink(pen, edge, false);
    });
  }

  nameNode(pen, one, at, radius) {
    const main = one.kind !== "other";
    pen.font = `${main ? 600 : 400} ${main ? 14 : 13}px ${getComputedStyle(this.root).fontFamily}`;
    const text = one.short;
    const wide = this.width(pen, text) + 4;
    const gap = radius + 3;
    const sides = [
      [at.x - wide / 2, at.y + gap],
      [at.x - wide / 2, at.y - gap - 18],
      [at.x + gap, at.y - 9],
      [at.x - gap - wide, at.y - 9],
    ];
    for (const [left, top] of sides) {
      if (this.put(pen, text, left, top, wide, 18, main ? 1 : 0.95)) return;
    }
  }

  nameLink(pen, edge, always) {
    const text = edge.data("short");
    const from = edge.source().renderedPosition();
    const to = edge.target().renderedPosition();
    pen.font = `italic 12px ${getComputedStyle(this.root).fontFamily}`;
    const wide = this.width(pen, text) + 4;
    if (!always && Math.hypot(to.x - from.x, to.y - from.y) < 0.8 * wide + 24) return;
    const middle = edge.renderedMidpoint();
    if (!middle) return;
    this.put(pen, text, middle.x - wide / 2, middle.y - 8, wide, 16, 0.85);
  }

  width(pen, text) {
    const key = pen.font + text;
    if (!this.widths.has(key)) this.widths.set(key, pen.measureText(text).width);
    return this.widths.get(key);
  }

  // Draws a text if nothing stands in its box yet.
  put(pen, text, left, top, wide, high, alpha) {
    const box = [left, top, left + wide, top + high, text];
    const { inner } = this;
    if (box[0] < inner.left || box[1] < inner.top || box[2] > inner.right || box[3] > inner.bottom) return false;
    const over = (other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3];
    if (this.boxes.some(over) || this.discs.some(over)) return false;
    this.boxes.push(box);
    pen.strokeStyle = this.ground;
    pen.lineWidth = 4;
    pen.globalAlpha = 0.85;
    pen.strokeText(text, left + 2, top + high / 2);
    pen.globalAlpha = alpha;
    pen.fillStyle = this.ink;
    pen.fillText(text, left + 2, top + high / 2);
    pen.globalAlpha = 1;
    return true;
  }
}
