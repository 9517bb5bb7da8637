// The legend: kinds that are shown or hidden by a click, or a scale of numbers.

import { LEGEND } from "./selection.js";
import { button, make, many, rewrite } from "./words.js";

export const legendPart = {
  // Without a panel a scale of numbers stands in the chart's corner.
  showScale() {
    const { colors } = this;
    this.mini.textContent = "";
    this.mini.hidden = !this.codes || Boolean(colors.names);
    if (this.mini.hidden) return;
    this.mini.append(make("div", "", colors.name), ...this.scaleOf(colors));
  },

  // The colours of numbers from the least to the greatest, and what is written below.
  scaleOf(colors) {
    const strip = make("div", "ee-strip");
    strip.style.background = `linear-gradient(90deg, ${this.data.steps.join(",")})`;
    const ends = make("div", "ee-ends");
    for (const tick of colors.ticks) ends.append(make("span", "", tick));
    return [strip, ends];
  },

  showCount() {
    this.counts.textContent = "";
    const told = this.active ? `${many(this.count)} of ${many(this.n)} selected` : `${many(this.n)} points`;
    this.counts.append(told);
    if (this.active) this.counts.append(button("ee-link", "Clear", () => this.clear()));
  },

  showLegend() {
    const kept = this.legend.scrollTop;
    rewrite(this.legend, () => this.writeLegend());
    this.legend.scrollTop = kept;
  },

  writeLegend() {
    const { colors } = this;
    if (!this.codes || !colors.name) return;
    const head = this.legend.appendChild(make("div", "ee-head", colors.name));
    if (this.data.recolor && this.isInLegend(colors.name)) head.append(this.colorToggle(colors.name));
    if (!colors.names) {
      this.legend.append(...this.scaleOf(colors));
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
  },

  toggleKind(code, several) {
    this.remember();
    this.highlight = -1;
    const all = this.colors.names.length;
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
  },
};
