// What is told of one point: under the mouse, and of the one that is selected.

import { button, clip, make, number, shownNumber } from "./words.js";

export const cardsPart = {
  fillCard(at) {
    const { card } = this;
    card.textContent = "";
    const picture = this.picture(at);
    if (picture) card.append(picture);
    if (this.texts) card.append(make("div", "ee-title", clip(this.texts[at], 200)));
    const list = card.appendChild(make("dl"));
    const { colors } = this;
    if (this.codes && colors.name) {
      const told = colors.names ? colors.names[this.codes[at]] : number(this.codes[at]);
      const swatch = make("i", "ee-swatch");
      swatch.style.background = this.colorTable()[this.colorAt()(at)];
      const value = make("dd");
      value.append(swatch, told);
      list.append(make("dt", "", colors.name), value);
    }
    let rows = 0;
    for (const column of this.columns.values()) {
      if (column.name === colors.name || ++rows > 6) continue;
      list.append(make("dt", "", column.name), make("dd", "", clip(this.told(column, at), 60)));
    }
  },

  // All that is known of the one point that is selected, and its true neighbours.
  showInspected() {
    const { inspected } = this.data;
    this.inspector.textContent = "";
    if (!inspected || this.count !== 1 || !this.active || !this.active[inspected.point]) return;
    const at = inspected.point;
    const picture = this.picture(at);
    if (picture) this.inspector.append(picture);
    const title = this.texts ? this.texts[at] : inspected.id;
    this.inspector.append(make("div", "ee-head", title));
    const list = this.inspector.appendChild(make("dl"));
    const tell = (name, value) => list.append(make("dt", "", name), make("dd", "", value));
    if (inspected.id !== title) tell("id", inspected.id);
    for (const column of this.columns.values()) tell(column.name, this.told(column, at));
    if (inspected.lost) this.inspector.append(make("div", "ee-score", inspected.lost));
    if (!inspected.near.length) return;
    this.inspector.append(make("div", "ee-head", `Nearest neighbours (${inspected.told})`));
    inspected.near.forEach((other, rank) => {
      const one = button("ee-hit", clip(this.texts?.[other] ?? String(other), 60), () => this.select([other]));
      one.append(make("span", "ee-score", String(inspected.scores[rank])));
      one.addEventListener("pointerenter", () => {
        this.hover = other;
        this.refresh();
      });
      this.inspector.append(one);
    });
  },

  told(column, at) {
    const value = column.values[at];
    return column.kind === "category" ? (column.names[value] ?? "") : shownNumber(column, value);
  },
};
