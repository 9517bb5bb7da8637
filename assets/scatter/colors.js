// The colours of points, and which of them are lit.

const BLANK = "#949494"; // of points without a value

export const colorsPart = {
  // The points in colour: 1 for each that is active, of the kind under the mouse in the legend, and
  // among those found; null: all.
  lightened() {
    const { active, highlight, codes, foundMask } = this;
    if (highlight < 0 && (!active || !foundMask)) return active ?? foundMask;
    const mask = new Uint8Array(this.n);
    for (let i = 0; i < this.n; i++) {
      const of = highlight < 0 || codes[i] === highlight;
      mask[i] = of && (!active || active[i]) && (!foundMask || foundMask[i]) ? 1 : 0;
    }
    return mask;
  },

  // The colours in use, and which of them a point has.
  colorTable() {
    const { colors } = this;
    if (!this.codes || colors.names) return colors.palette;
    return [...this.data.steps, BLANK];
  },

  colorAt() {
    const { colors } = this;
    if (!this.codes) return () => 0;
    if (colors.names) return (i) => this.codes[i];
    const steps = this.data.steps.length - 1;
    const span = colors.high - colors.low || 1;
    return (i) => {
      const share = (this.codes[i] - colors.low) / span;
      return Number.isNaN(share) ? steps + 1 : Math.round(Math.min(1, Math.max(0, share)) * steps);
    };
  },

  // The place of each point's colour in the table ``(n,)``, worked out once for a colouring.
  huesOf() {
    if (!this.hues) {
      const of = this.colorAt();
      this.hues = new Uint16Array(this.n);
      for (let i = 0; i < this.n; i++) this.hues[i] = of(i);
    }
    return this.hues;
  },
};
