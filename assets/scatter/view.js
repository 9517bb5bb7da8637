// Where points are on the screen, and moving what is seen.

function product(a, b) {
  const out = new Float64Array(16);
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      for (let k = 0; k < 4; k++) out[column * 4 + row] += a[k * 4 + row] * b[column * 4 + k];
    }
  }
  return out;
}

export const viewPart = {
  // Where points are on the screen, in pixels of the stage: x is a * value + b.
  scale() {
    const { xaxis, yaxis } = this.plot._fullLayout;
    const side = (axis) => {
      const zero = axis._offset + axis.l2p(0);
      return [axis._offset + axis.l2p(1) - zero, zero];
    };
    return { x: side(xaxis), y: side(yaxis), box: [xaxis._offset, yaxis._offset, xaxis._length, yaxis._length] };
  },

  // The same before there are Plotly's axes: one scale for both, and the middle of the layout's ranges
  // in the middle.
  firstScale() {
    const { margin, width, height, xaxis, yaxis } = this.layout();
    const box = [margin.l, margin.t, width - margin.l - margin.r, height - margin.t - margin.b];
    const [across, up] = [xaxis.range, yaxis.range].map(([low, high]) => ({ middle: (low + high) / 2, span: high - low }));
    const each = Math.min(box[2] / across.span, box[3] / up.span);
    const [middle, center] = [box[0] + box[2] / 2, box[1] + box[3] / 2];
    return { x: [each, middle - each * across.middle], y: [-each, center + each * up.middle], box };
  },

  // All points on the screen, for a lasso; in space by the camera.
  places() {
    const xs = new Float32Array(this.n);
    const ys = new Float32Array(this.n);
    if (this.dims === 2) {
      const { x, y } = this.scale();
      for (let i = 0; i < this.n; i++) {
        xs[i] = x[0] * this.x[i] + x[1];
        ys[i] = y[0] * this.y[i] + y[1];
      }
      return [xs, ys];
    }
    const scene = this.plot._fullLayout.scene._scene;
    const { model, view, projection } = scene.glplot.cameraParams;
    const matrix = product(projection, product(view, model));
    const box = this.plot.querySelector("canvas").getBoundingClientRect();
    const stage = this.stage.getBoundingClientRect();
    const scales = scene.dataScale;
    for (let i = 0; i < this.n; i++) {
      const p = [this.x[i] * scales[0], this.y[i] * scales[1], this.z[i] * scales[2]];
      const at = (row) => matrix[row] * p[0] + matrix[row + 4] * p[1] + matrix[row + 8] * p[2] + matrix[row + 12];
      const w = at(3);
      xs[i] = box.left - stage.left + ((at(0) / w + 1) / 2) * box.width;
      ys[i] = box.top - stage.top + ((1 - at(1) / w) / 2) * box.height;
    }
    return [xs, ys];
  },

  ranges() {
    const { xaxis, yaxis } = this.plot._fullLayout;
    return [xaxis.range.slice(), yaxis.range.slice()];
  },

  zoom(by) {
    if (this.dims !== 2) return;
    const grown = this.ranges().map(([low, high]) => {
      const middle = (low + high) / 2;
      const half = ((high - low) / 2) * by;
      return [middle - half, middle + half];
    });
    window.Plotly.relayout(this.plot, { "xaxis.range": grown[0], "yaxis.range": grown[1] });
  },

  shift(key) {
    const [x, y] = this.ranges();
    const step = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, 0.15], ArrowDown: [0, -0.15] }[key];
    const moved = (range, by) => range.map((end) => end + by * (range[1] - range[0]));
    window.Plotly.relayout(this.plot, { "xaxis.range": moved(x, step[0]), "yaxis.range": moved(y, step[1]) });
  },

  reset() {
    if (this.dims !== 2) window.Plotly.relayout(this.plot, { "scene.camera": null });
    else {
      const layout = this.layout();
      window.Plotly.relayout(this.plot, { "xaxis.range": layout.xaxis.range, "yaxis.range": layout.yaxis.range });
    }
  },

  fly(at) {
    if (this.dims !== 2) return;
    const whole = this.layout();
    const half = (whole.xaxis.range[1] - whole.xaxis.range[0]) / 16;
    const tall = (whole.yaxis.range[1] - whole.yaxis.range[0]) / 16;
    window.Plotly.relayout(this.plot, {
      "xaxis.range": [this.x[at] - half, this.x[at] + half],
      "yaxis.range": [this.y[at] - tall, this.y[at] + tall],
    });
  },
};
