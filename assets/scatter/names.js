// Names that cover nothing, more of them as one zooms in.

import { overlap } from "./strokes.js";
import { clip, font } from "./words.js";

const NAMED = 60; // points up to which all are named
const MOST = 80;
const HIGH = 16; // pixels of a name
// Of the chart names may cover so much: the more points are in view, the less of them is hidden.
const [SPARSE, CROWDED] = [0.12, 0.04];
const FEW = 200; // points in view up to which it is the first share
const [LONG, SHORT] = [28, 20]; // characters of a name among few points, and among many
const GRAIN = 0.2; // of the chart's shorter side: a cluster with a larger radius gives way to its parts

export const namesPart = {
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
    let room = all ? Infinity : box[2] * box[3] * Math.max(CROWDED, SPARSE * Math.min(1, Math.sqrt(FEW / this.seen)));
    const longest = this.seen <= 2 * FEW ? LONG : SHORT;
    for (const i of [...(this.data.named ?? []), ...visible]) {
      if (this.names.length >= MOST || room <= 0) break;
      if (this.hover === i) continue;
      const name = clip(this.texts[i], longest);
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
        room -= this.widthOf(brush, name) * HIGH;
      }
    }
  },

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
  },

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
  },

  // A name with a halo, where it covers no other; the marks' own always.
  write(brush, text, px, py, boxes, [left, top, wide, high], always, weight = 600) {
    const shown = clip(text, 40);
    const width = this.widthOf(brush, shown, weight);
    const place = [px - width / 2 - 2, py - HIGH / 2, width + 4, HIGH];
    const fits = place[0] >= left && place[1] >= top && place[0] + place[2] <= left + wide && place[1] + HIGH <= top + high;
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
  },
};
