// Mouse and keys: the lasso, the point under the mouse.

import { inPolygon } from "./masks.js";

export const ALL = new Set();
const PICK = 14; // pixels around the mouse in which a point is found

export const pointerPart = {
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
  },

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
  },

  setLasso(on) {
    this.lassoing = on;
    this.shield.classList.toggle("ee-on", on);
    this.tools.lasso.setAttribute("aria-pressed", String(on));
  },

  local(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  },

  down(event) {
    if (event.button !== 0 || event.target.closest(".ee-tools, .ee-card") || !this.drawn) return;
    this.pressed = { at: this.local(event), time: event.timeStamp };
    if (!this.lassoing && !event.shiftKey) return;
    this.corners = [this.pressed.at];
    event.stopImmediatePropagation();
    event.preventDefault();
    this.stage.focus({ preventScroll: true });
  },

  trail(event) {
    if (!this.corners) return;
    const place = this.local(event);
    const last = this.corners[this.corners.length - 1];
    if (Math.hypot(place[0] - last[0], place[1] - last[1]) < 3) return;
    this.corners.push(place);
    this.refresh();
  },

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
      this.changed(0);
    } else if (moved < 5 && this.dims === 2) {
      const at = this.nearest(...place);
      if (at >= 0) this.select([at]);
      else this.refresh();
    }
  },

  move(event) {
    if (this.dims !== 2 || !this.drawn || event.buttons || event.target.closest(".ee-tools")) return;
    const at = this.nearest(...this.local(event));
    if (at < 0) this.leave();
    else this.point(at, event);
  },

  nearest(px, py) {
    if (!this.grid) return -1;
    const { x, y } = this.scale();
    const place = [(px - x[1]) / x[0], (py - y[1]) / y[0], PICK / Math.abs(x[0]), PICK / Math.abs(y[0])];
    const lit = this.active ? this.grid.nearest(...place, this.active) : -1;
    return lit >= 0 ? lit : this.grid.nearest(...place, null);
  },

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
  },

  leave() {
    if (this.hover < 0) return;
    this.hover = -1;
    this.share(-1);
    this.card.hidden = true;
    this.refresh();
  },

  // Charts of one group show the point under the mouse in each of them.
  share(at) {
    if (!this.data.group) return;
    for (const chart of ALL) {
      if (chart === this || chart.data?.group !== this.data.group) continue;
      chart.hover = at < chart.n ? at : -1;
      chart.refresh();
    }
  },
};
