// Filters by columns: bars of kinds, and histograms that a drag brushes.

import { barsOf, drawBars } from "./bars.js";
import { button, make, many, rewrite, shownNumber } from "./words.js";

export const facetsPart = {
  showFilters() {
    const open = this.openFacets ?? new Set([...this.columns.keys()].slice(0, 4));
    this.openFacets = open;
    const key = JSON.stringify([this.columnsKey, this.data.recolor]);
    if (this.facetsKey !== key) {
      this.facets.textContent = "";
      this.facetParts = new Map();
      for (const column of this.columns.values()) this.facetParts.set(column.name, this.makeFacet(column));
      this.facetsKey = key;
    }
    for (const [name, { around, box, toggle, show }] of this.facetParts) {
      around.hidden = this.isInLegend(name);
      if (toggle) this.pressToggle(toggle, name);
      if (box.open && !around.hidden) show(this.columns.get(name));
    }
  },

  makeFacet(column) {
    const around = this.facets.appendChild(make("div", "ee-column"));
    const toggle = this.data.recolor ? around.appendChild(this.colorToggle(column.name)) : null;
    const box = around.appendChild(make("details", "ee-facet"));
    box.open = this.openFacets.has(column.name);
    const head = box.appendChild(make("summary", "", column.name));
    const state = head.appendChild(make("span", "ee-score"));
    const part = { around, toggle, box };
    const body = box.appendChild(make("div"));
    let show = null; // bars are counted once they are seen
    part.show = (of) => {
      show ??= column.kind === "category" ? this.categories(column, body, state) : this.histogram(column, body, state);
      show(of);
    };
    box.addEventListener("toggle", () => {
      if (!box.open) this.openFacets.delete(column.name);
      else if (!this.openFacets.has(column.name)) {
        this.openFacets.add(column.name);
        part.show(this.columns.get(column.name));
      }
    });
    return part;
  },

  categories({ name }, body, state) {
    const write = (column) => {
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
    return (column) => rewrite(body, () => write(column));
  },

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
      this.changed(0);
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
  },

  // During a brush at most once a frame; the server hears of it at its end.
  brushed() {
    if (this.brushing) return;
    this.brushing = true;
    requestAnimationFrame(() => {
      this.brushing = false;
      this.changed(null);
    });
  },
};
