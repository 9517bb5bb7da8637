// The chart by Plotly: its figure, axes and ground.

import { density } from "./density.js";
import { PLENTY, Points } from "./points.js";
import { make } from "./words.js";

export const plotPart = {
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
  },

  trace() {
    const { data, colors } = this;
    const three = this.dims === 3;
    const marker = { size: three ? Math.max(2, data.size / 2) : data.size, opacity: this.n > PLENTY ? 0.6 : 0.9 };
    if (this.codes && colors.names) {
      const count = Math.max(1, colors.names.length);
      marker.color = this.codes;
      marker.colorscale = colors.palette.flatMap((color, at) => [[at / count, color], [(at + 1) / count, color]]);
      marker.cmin = -0.5;
      marker.cmax = count - 0.5;
    } else if (this.codes) {
      marker.color = this.codes;
      marker.colorscale = data.steps.map((color, at) => [at / (data.steps.length - 1), color]);
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
  },

  // Lines of equal density, of the square root of it: else one dense spot would have them all.
  contours() {
    const { z, x0, dx, y0, dy } = density(this.x, this.y);
    let most = 0;
    for (const line of z) for (const value of line) most = Math.max(most, value);
    const contours = { coloring: "none", start: most / 10, end: (9 * most) / 10, size: most / 10, showlabels: false };
    const line = { width: 1.2, smoothing: 1, color: "rgba(128,128,128,0.9)" };
    const name = "density";
    return { type: "contour", name, z, x0, dx, y0, dy, contours, line, autocontour: false, showscale: false, hoverinfo: "skip" };
  },

  webgl() {
    if (this.hasGl === undefined) {
      this.hasGl = Boolean(make("canvas").getContext("webgl"));
      if (!this.hasGl) this.say("This browser has no WebGL: points are drawn slowly, and none in 3-D.");
    }
    return this.hasGl;
  },

  // Whether the points are more than Plotly draws in good time: then they are drawn here.
  isMany() {
    return this.dims === 2 && this.n > PLENTY && this.webgl();
  },

  takeMany(placed) {
    if (!this.points) this.points = new Points(this.many);
    if (!placed) this.points.place(this.x, this.y);
    this.points.paint(this.huesOf(), this.colorTable());
    this.refresh();
  },

  // While Plotly's script is on its way, which takes longer than all else, many points are drawn alone,
  // where its axes will have them. Whether they were.
  drawAhead() {
    if (window.Plotly || !this.isMany()) return false;
    this.many.hidden = false;
    this.takeMany(false);
    this.drawMany(this.firstScale());
    return true;
  },

  // Draws them where the view or they have changed.
  drawMany(scale) {
    this.points.draw(scale, [this.stage.clientWidth, this.stage.clientHeight], this.data.size);
  },

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
  },

  // The page's colours of words and of its ground, as #rrggbb.
  inks() {
    const style = getComputedStyle(this.root);
    const brush = this.over.getContext("2d");
    return [style.color, style.getPropertyValue("--st-background-color") || "#ffffff"].map((color) => {
      brush.fillStyle = color;
      return brush.fillStyle;
    });
  },

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
  },

  fit() {
    if (!this.drawn || this.gone || !this.stage.clientWidth) return;
    window.Plotly.relayout(this.plot, { width: this.stage.clientWidth, height: this.stage.clientHeight });
  },
};
