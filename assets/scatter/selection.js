// Which points are active: inside the lasso, every filter and the legend's kinds; undone, sent, and taken over.

import { packed, unpacked } from "./masks.js";

const UNDOS = 20;
const REST = 120;
export const LEGEND = Symbol("the legend, where filters are named by their columns");

export const selectionPart = {
  recount() {
    this.active = this.passing();
    this.count = this.n;
    if (this.active) {
      let count = 0;
      for (let i = 0; i < this.n; i++) count += this.active[i];
      this.count = count;
    }
  },

  // Which points pass all that is asked of them but one column's filter, or the legend's; null: all.
  passingBut(except) {
    const asked = except === LEGEND ? this.shown : this.filters.has(except);
    return asked ? this.passing(except) : this.active; // what asks nothing changes nothing
  },

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
      amongKinds(codes, flags(this.colors.names.length, (code) => shown.has(code)));
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
  },

  // Lasso, legend and filters as they are now, which later changes leave alone.
  state() {
    return {
      lasso: this.lasso,
      shown: this.shown && new Set(this.shown),
      filters: new Map([...this.filters].map(([name, one]) => [name, one instanceof Set ? new Set(one) : { ...one }])),
    };
  },

  remember() {
    this.undo.push(this.state());
    if (this.undo.length > UNDOS) this.undo.shift();
  },

  back() {
    const before = this.undo.pop();
    if (!before) return;
    Object.assign(this, before);
    this.changed();
  },

  clear() {
    if (!this.lasso && !this.shown && !this.filters.size) return;
    this.remember();
    this.lasso = null;
    this.shown = null;
    this.filters = new Map();
    this.changed();
  },

  // After a lasso, a filter or the legend: count, tell the server, and draw. What comes in steps, as
  // clicks in the legend, is told once it rests ``wait`` milliseconds; during a brush (null) not at all.
  changed(wait = REST) {
    this.recount();
    clearTimeout(this.timer);
    if (wait === 0) this.send(); // the server works while this draws
    else if (wait !== null) this.timer = setTimeout(() => this.send(), wait);
    this.refresh();
    this.showPanel();
  },

  send() {
    const bits = this.active ? packed(this.active) : "";
    const nothing = Boolean(this.active) && !bits;
    if (bits === this.sent && !nothing) return;
    this.sent = bits;
    this.settle(bits);
    this.turn += 1;
    this.tell("selection", { turn: this.turn, bits, points: this.data.points.url });
  },

  // Keeps what led to a selection, so that one that comes back, as by the browser's Back, brings
  // its filters along.
  settle(bits) {
    this.settled.delete(bits);
    this.settled.set(bits, this.state());
    if (this.settled.size > UNDOS) this.settled.delete(this.settled.keys().next().value);
  },

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
  },

  select(points) {
    this.remember();
    this.lasso = new Uint8Array(this.n);
    for (const at of points) this.lasso[at] = 1;
    this.changed();
  },
};
