// What is drawn over the points.

import { shuffled } from "./grid.js";
import { MANY } from "./pictures.js";
import { PLENTY, parsed } from "./points.js";
import { ring, star } from "./strokes.js";
import { clip } from "./words.js";

const POINTED = "#D55E00"; // the point of the table's row

export const paintingPart = {
  refresh() {
    if (this.waiting || this.gone) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (!this.gone && this.drawn) this.paint();
    });
  },

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
  },

  paint() {
    const dim = this.active !== null || this.highlight >= 0 || this.foundMask !== null;
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
  },

  paintSpace(dim, lit, over) {
    if (!dim && !this.isPointed()) return;
    const [xs, ys] = this.places();
    if (dim) this.paintLit(lit, xs, ys, { x: [1, 0], y: [1, 0] });
    if (this.isPointed()) this.paintPointed(over, xs[this.data.pointed], ys[this.data.pointed]);
  },

  // Few points as discs; many straight into the picture's pixels, some milliseconds for a million.
  // Places on the screen are a * value + b, for ``x`` and ``y``.
  paintLit(brush, xs, ys, { x: [ax, bx], y: [ay, by] }) {
    const table = this.colorTable();
    const hues = this.huesOf();
    const on = this.lightened();
    const { n } = this;
    const count = Math.min(this.count, this.foundMask ? this.found.length : n);
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
  },

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
  },

  paintOver(brush, scale) {
    const toX = (value) => scale.x[0] * value + scale.x[1];
    const toY = (value) => scale.y[0] * value + scale.y[1];
    const boxes = [];
    const visible = this.visible(scale);
    this.paintPictures(brush, visible, toX, toY, boxes);
    this.paintRaised(brush, visible, toX, toY);
    brush.lineWidth = 1.2;
    brush.strokeStyle = "rgba(120,120,120,0.75)";
    for (const [a, b, c, d] of this.data.lines ?? []) {
      brush.beginPath();
      brush.moveTo(toX(a), toY(b));
      brush.lineTo(toX(c), toY(d));
      brush.stroke();
    }
    for (const at of this.foundMask ? [] : this.found) ring(brush, toX(this.x[at]), toY(this.y[at]), this.data.size / 2 + 4, "#767676", 2);
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
  },

  // Whether a row of the table below is pointed at.
  isPointed() {
    return Number.isInteger(this.data.pointed) && this.data.pointed >= 0 && this.data.pointed < this.n;
  },

  paintPointed(brush, px, py) {
    const radius = this.data.size / 2 + 6;
    ring(brush, px, py, radius, this.paper, 6);
    ring(brush, px, py, radius, POINTED, 3);
  },

  // Points in view in a fixed order by chance, so that names do not jump as one zooms; some are enough.
  visible(scale) {
    if (!this.order) this.order = shuffled(this.n);
    const [left, top, wide, high] = scale.box;
    const inside = [];
    let seen = 0;
    for (const i of this.order) {
      if ((this.active && !this.active[i]) || (this.foundMask && !this.foundMask[i])) continue;
      const px = scale.x[0] * this.x[i] + scale.x[1];
      const py = scale.y[0] * this.y[i] + scale.y[1];
      if (px < left || px > left + wide || py < top || py > top + high) continue;
      if (++seen > MANY) break;
      inside.push(i);
    }
    this.seen = seen;
    return inside;
  },

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
  },
};
