// The chart's own buttons, and its picture as PNG.

import { button, make } from "./words.js";

export const toolsPart = {
  makeTools() {
    const tool = (name, icon, told, work) => {
      const one = button("", icon, work);
      one.title = told;
      one.setAttribute("aria-label", told);
      this.bar.append(one);
      this.tools[name] = one;
    };
    this.tools = {};
    tool("lasso", "◌", "Lasso (L, or Shift and drag)", () => this.setLasso(!this.lassoing));
    this.tools.lasso.setAttribute("aria-pressed", "false");
    tool("in", "+", "Zoom in (wheel, +)", () => this.zoom(0.7));
    tool("out", "−", "Zoom out (wheel, -)", () => this.zoom(1 / 0.7));
    tool("reset", "⤢", "Whole map (0, or a double-click)", () => this.reset());
    tool("undo", "↶", "Undo the selection (Ctrl+Z)", () => this.back());
    tool("clear", "✕", "Clear selection and filters (Escape)", () => this.clear());
    tool("save", "⤓", "Save as PNG", () => this.save());
  },

  async save() {
    const [wide, high] = [this.stage.clientWidth, this.stage.clientHeight];
    const url = await window.Plotly.toImage(this.plot, { format: "png", width: wide, height: high, scale: 2 });
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = make("canvas");
    [canvas.width, canvas.height] = [wide * 2, high * 2];
    const brush = canvas.getContext("2d");
    brush.fillStyle = this.paper;
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.globalAlpha = this.plot.classList.contains("ee-dim") ? 0.15 : 1;
    brush.drawImage(image, 0, 0, canvas.width, canvas.height);
    if (this.isMany()) {
      this.points.seen = ""; // what WebGL drew is there for this moment alone
      this.drawMany(this.scale());
      brush.drawImage(this.many, 0, 0, canvas.width, canvas.height);
    }
    brush.globalAlpha = 1;
    for (const layer of [this.lit, this.over]) brush.drawImage(layer, 0, 0, canvas.width, canvas.height);
    const link = make("a");
    link.download = "map.png";
    link.href = canvas.toDataURL("image/png");
    link.click();
  },
};
