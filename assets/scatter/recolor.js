// What the points are coloured by: as a run says, or at once by a press in the panel, of which the page
// is told. A column travels with all that its colours need, so both draw the same.

import { load } from "./files.js";
import { button, make } from "./words.js";

// Once what was drawn is on the screen; in a window that nobody sees, soon.
const seen = () =>
  new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done, 0));
    setTimeout(done, 100);
  });

export const recolorPart = {
  // The colours of the latest run, but those pressed here where that run did not know of it yet.
  newestColors() {
    const { colors, recolored = 0 } = this.data;
    if (recolored < this.colorTurn) return this.colors;
    this.colorTurn = recolored;
    return colors;
  },

  // Whether ``colors`` are others than those that are drawn; they are taken over then.
  async takeColors(colors) {
    const key = JSON.stringify([colors, colors.names ? null : this.data.steps]);
    if (key === this.colorsKey) return false;
    const codes = colors.url ? await load(colors.url, colors.names ? "u2" : "f4") : null;
    if (this.colors) for (const state of [this, ...this.undo, ...this.settled.values()]) this.moveKinds(state, colors);
    Object.assign(this, { colors, codes, colorsKey: key, hues: null, highlight: -1 });
    return true;
  },

  // Another colouring selects the same points: kinds that the legend showed filter by their column from
  // now on, or are a part of the lasso where no column has them; a filter of the new one is the legend's.
  moveKinds(state, next) {
    const { colors, codes } = this;
    const filters = (of) => {
      const column = this.columns.get(of.name);
      return column && column.url === of.url && !column.parts;
    };
    if (state.shown && filters(colors)) {
      state.filters.set(colors.name, state.shown);
    } else if (state.shown) {
      const { shown, lasso } = state;
      state.lasso = Uint8Array.from(codes, (code, at) => (shown.has(code) && (!lasso || lasso[at]) ? 1 : 0));
    }
    state.shown = null;
    const filter = state.filters.get(next.name);
    if (!(filter instanceof Set) || !filters(next)) return;
    state.shown = filter;
    state.filters.delete(next.name);
  },

  // Colours the points by a column, or by none, in this moment; then the page is told.
  recolor(name) {
    const colors = this.data.columns.find((one) => one.name === name) ?? this.data.plain;
    const turn = ++this.colorTurn;
    this.then(async () => {
      if (await this.takeColors(colors)) {
        await this.draw(true);
        this.showPanel();
        this.refresh();
        this.root.dataset.color = colors.name;
        await seen(); // what the page does when it is told would hold the picture back
      }
      this.tell("color", { turn, name: colors.name });
    });
  },

  // The legend stands for the column of kinds that gives the colours, and filters by it.
  isInLegend(name) {
    const column = this.columns.get(name);
    return column?.kind === "category" && name === this.colors.name && column.url === this.colors.url;
  },

  colorToggle(name) {
    const one = button("ee-paint", "", () => {
      this.recolor(this.colors.name === name ? "" : name);
      this.then(() => this.focusToggle(name));
    });
    one.append(make("i"));
    one.dataset.column = name;
    one.setAttribute("aria-label", `Colour by ${name}`);
    this.pressToggle(one, name);
    return one;
  },

  // A column of kinds goes to the legend, or comes back from it: the button that is seen has the focus.
  focusToggle(name) {
    const seen = (one) => one.dataset.column === name && one.offsetParent;
    [...this.panel.querySelectorAll(".ee-paint")].find(seen)?.focus({ preventScroll: true });
  },

  pressToggle(one, name) {
    const pressed = this.colors.name === name;
    one.setAttribute("aria-pressed", String(pressed));
    one.title = pressed ? "Coloured by this column; press for one colour" : "Colour by this column";
  },
};
