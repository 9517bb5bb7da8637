// Pictures in place of points, cut from sheets that the server is asked for.

import { overlap, ring } from "./strokes.js";
import { make } from "./words.js";

const SHEET = 256; // pictures in a sheet, 16 by 16
export const MANY = 3_000; // points in view from which no picture is drawn, and by which names are chosen

export const picturesPart = {
  paintPictures(brush, visible, toX, toY, boxes) {
    const pictures = this.data.pictures;
    this.pictured = new Map(); // points that are pictures, with half a side
    if (!pictures || !pictures.shown) return;
    if (this.seen > MANY) return;
    const area = (this.plot._fullLayout.xaxis._length * this.plot._fullLayout.yaxis._length) / Math.max(1, this.seen);
    const side = Math.min(64, Math.max(18, Math.sqrt(area) * 0.8));
    const wanted = new Set();
    const taken = [];
    const raised = visible.filter((i) => this.isRaised(i));
    const order = raised.length ? [...raised, ...visible.filter((i) => !this.isRaised(i))] : visible;
    for (const i of order) {
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
  },

  // Whether a point is of the kind that pictures of others do not cover.
  isRaised(i) {
    return this.colors.raised >= 0 && this.codes?.[i] === this.colors.raised;
  },

  // Such points keep their colour above pictures of others: as a frame of their own, else as a disc.
  // Where many of them lie on one another, those within a frame are left out.
  paintRaised(brush, visible, toX, toY) {
    if (!this.pictured.size) return;
    const color = this.colors.palette[this.colors.raised];
    const radius = Math.max(4, this.data.size / 2);
    const raised = visible.filter((i) => this.isRaised(i)).map((i) => [toX(this.x[i]), toY(this.y[i]), this.pictured.get(i)]);
    const frames = raised.filter(([, , half]) => half);
    brush.lineWidth = 3;
    brush.strokeStyle = color;
    for (const [px, py, half] of frames) brush.strokeRect(px - half, py - half, 2 * half, 2 * half);
    for (const [px, py, half] of raised) {
      if (half || frames.some(([x, y, side]) => Math.abs(px - x) < side && Math.abs(py - y) < side)) continue;
      brush.fillStyle = color;
      brush.beginPath();
      brush.arc(px, py, radius, 0, 2 * Math.PI);
      brush.fill();
      ring(brush, px, py, radius + 1, this.paper, 2);
    }
  },

  // Asks the server for sheets of pictures that were not asked for yet.
  want(sheets) {
    const asked = [...sheets].filter((one) => !this.wanted.has(one) && !this.sheets.has(one));
    if (!asked.length) return;
    asked.forEach((one) => this.wanted.add(one));
    clearTimeout(this.sheetTimer);
    this.sheetTimer = setTimeout(() => this.tell("sheets", [...this.wanted].sort((a, b) => a - b).slice(-32)), 250);
  },

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
  },

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
  },
};
