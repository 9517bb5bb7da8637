// Finding points by their texts while one types, and by meaning once the server has answered.

import { packed } from "./masks.js";
import { button, clip, make, many } from "./words.js";

const RINGED = 200; // matches up to which each has a ring; more would hide the map

export const searchPart = {
  makeSearch() {
    this.panel.textContent = "";
    const head = this.panel.appendChild(make("div", "ee-search"));
    this.search = head.appendChild(make("input"));
    this.search.type = "search";
    this.search.placeholder = "Find on the map";
    this.search.setAttribute("aria-label", "Find on the map");
    const turn = () => {
      this.regular.setAttribute("aria-pressed", String(this.regular.getAttribute("aria-pressed") !== "true"));
      this.seek();
    };
    this.regular = head.appendChild(button("", ".*", turn));
    this.regular.title = "Regular expression";
    this.regular.setAttribute("aria-label", "Regular expression");
    this.regular.setAttribute("aria-pressed", "false");
    this.search.addEventListener("input", () => this.seek());
    if (!this.stepped) {
      this.stepped = () => this.stepBack();
      window.addEventListener("popstate", this.stepped);
    }
    this.search.addEventListener("keydown", (event) => event.key === "Enter" && this.found.length && this.fly(this.found[0]));
    this.hits = this.panel.appendChild(make("div", "ee-hits"));
    this.hits.setAttribute("role", "status");
    this.counts = this.panel.appendChild(make("div", "ee-count"));
    this.counts.setAttribute("role", "status");
    this.inspector = this.panel.appendChild(make("div", "ee-inspector"));
    this.legend = this.panel.appendChild(make("div", "ee-legend"));
    this.facets = this.panel.appendChild(make("div", "ee-facets"));
  },

  seek() {
    const words = this.search.value.trim();
    this.found = [];
    this.hits.textContent = "";
    if (words && this.texts) {
      const test = this.tester(words);
      if (!test) {
        this.lightFound();
        this.refresh();
        return;
      }
      for (let i = 0; i < this.n; i++) {
        if (test(i)) this.found.push(i);
      }
      const text = this.found.length === 1 ? "1 match" : `${many(this.found.length)} matches`;
      const line = this.hits.appendChild(make("div", "ee-line"));
      line.append(text);
      if (this.found.length) {
        const select = () => {
          const { found } = this;
          this.search.value = "";
          this.seek();
          clearTimeout(this.meaningTimer); // told at once: what is selected is not searched anew
          this.tellSearch("");
          this.select(found);
        };
        line.append(button("ee-link", "Select them", select));
      }
      for (const i of this.found.slice(0, 6)) {
        this.hits.append(button("ee-hit", clip(this.texts[i], 60), () => this.fly(i)));
      }
    }
    clearTimeout(this.meaningTimer);
    this.meaningTimer = setTimeout(() => this.tellSearch(words), 500);
    this.lightFound();
    this.refresh();
  },

  // Many matches are lit and the rest is pale; in space all are, where no ring is drawn.
  lightFound() {
    const lit = this.found.length > (this.dims === 3 ? 0 : RINGED);
    this.foundMask = lit ? new Uint8Array(this.n) : null;
    if (lit) for (const i of this.found) this.foundMask[i] = 1;
  },

  tellSearch(words) {
    const mask = new Uint8Array(this.n);
    for (const i of this.found) mask[i] = 1;
    this.tell("query", { words, found: packed(mask), points: this.data.points.url });
  },

  // What a link asks for is typed into the box once.
  takeSearch(old) {
    if (!this.search || (old && old.seek === this.data.seek)) return;
    if (document.activeElement === this.search || this.search.value === (this.data.seek ?? "")) return;
    this.search.value = this.data.seek ?? "";
    this.seek();
  },

  // The browser went back or on: the address says what was searched for then.
  stepBack() {
    const words = new URLSearchParams(location.search).get("seek") ?? "";
    if (this.search.value.trim() === words) return;
    this.search.value = words;
    this.seek();
  },

  tester(words) {
    if (this.regular.getAttribute("aria-pressed") === "true") {
      try {
        const expression = new RegExp(words, "iu");
        return (i) => expression.test(this.texts[i]);
      } catch (error) {
        this.hits.append(make("div", "ee-line", `Not a regular expression: ${error.message}`));
        return null;
      }
    }
    if (!this.lower) this.lower = this.texts.map((text) => text.toLowerCase());
    const parts = words.toLowerCase().split(/\s+/);
    return (i) => parts.every((part) => this.lower[i].includes(part));
  },

  showMeaning() {
    const near = this.data.near;
    if (!this.hits || !near || near.query !== this.search.value.trim()) return;
    this.hits.querySelectorAll(".ee-near").forEach((one) => one.remove());
    this.hits.append(make("div", "ee-line ee-near", near.error || "Nearest by meaning"));
    near.rows.forEach((i, rank) => {
      const one = button("ee-hit ee-near", clip(this.texts?.[i] ?? String(i), 48), () => this.fly(i));
      one.append(make("span", "ee-score", near.scores[rank].toFixed(2)));
      this.hits.append(one);
    });
  },
};
