// Many points by WebGL.

export const PLENTY = 20_000; // points up to which Plotly draws them, and the overlay each as a disc

export function parsed(color) {
  const value = parseInt(color.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

// Points as discs by WebGL, all in one call. Plotly reads the colour of each as text and takes
// seconds for a million; here they are numbers of a table's colours. Axes, zoom and pan stay its.
export class Points {
  constructor(canvas) {
    this.canvas = canvas;
    this.lost = (event) => event.preventDefault(); // it is restored then
    this.restored = () => {
      this.build();
      if (this.x) this.place(this.x, this.y);
      if (this.hues) this.paint(this.hues, this.table);
      if (this.last) this.draw(...this.last);
    };
    canvas.addEventListener("webglcontextlost", this.lost);
    canvas.addEventListener("webglcontextrestored", this.restored);
    this.build();
  }

  build() {
    const gl = this.canvas.getContext("webgl", { antialias: false });
    this.gl = gl;
    const compiled = (kind, text) => {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      return shader;
    };
    this.program = gl.createProgram();
    gl.attachShader(this.program, compiled(gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(this.program, compiled(gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(this.program);
    gl.useProgram(this.program);
    this.buffers = ["x", "y", "hue"].map((name) => {
      const place = gl.getAttribLocation(this.program, name);
      gl.enableVertexAttribArray(place);
      return { place, buffer: gl.createBuffer() };
    });
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.seen = "";
  }

  send(at, values, kind) {
    const { gl } = this;
    const { place, buffer } = this.buffers[at];
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.vertexAttribPointer(place, 1, kind, false, 0, 0);
    this.seen = "";
  }

  place(x, y) {
    [this.x, this.y] = [x, y];
    this.send(0, x, this.gl.FLOAT);
    this.send(1, y, this.gl.FLOAT);
  }

  // ``hues`` are places in the ``table`` of colours (#rrggbb), which lies in rows of 256.
  paint(hues, table) {
    const { gl } = this;
    [this.hues, this.table] = [hues, table];
    this.send(2, hues, gl.UNSIGNED_SHORT);
    this.rows = Math.ceil(table.length / 256);
    const texels = new Uint8Array(256 * this.rows * 4);
    table.forEach((color, at) => texels.set([...parsed(color), 255], 4 * at));
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, this.rows, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
  }

  // ``scale`` as Scatter.scale gives it, ``stage`` and ``size`` in pixels of the page.
  draw(scale, stage, size) {
    const ratio = window.devicePixelRatio || 1;
    const view = JSON.stringify([scale, stage, size, ratio]);
    if (view === this.seen || !this.hues) return;
    this.last = [scale, stage, size];
    const { gl, canvas, program } = this;
    const [wide, high] = stage.map((side) => Math.round(side * ratio));
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    gl.viewport(0, 0, wide, high);
    gl.clearColor(0, 0, 0, 0);
    gl.disable(gl.SCISSOR_TEST);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const [left, top, width, height] = scale.box.map((side) => Math.round(side * ratio));
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(left, high - top - height, width, height);
    // Values go from the middle of the view, so that single precision does for a narrow one, too.
    const side = ([a, b], from, length) => {
      const middle = (from + length / 2 - b) / a;
      return [middle, a, from + length / 2];
    };
    const uniform = (name) => gl.getUniformLocation(program, name);
    gl.uniform3f(uniform("across"), ...side(scale.x, scale.box[0], scale.box[2]));
    gl.uniform3f(uniform("down"), ...side(scale.y, scale.box[1], scale.box[3]));
    gl.uniform2f(uniform("stage"), ...stage);
    gl.uniform1f(uniform("size"), size * ratio);
    gl.uniform1f(uniform("rows"), this.rows);
    gl.drawArrays(gl.POINTS, 0, this.hues.length);
    this.seen = view;
  }

  destroy() {
    this.canvas.removeEventListener("webglcontextlost", this.lost);
    this.canvas.removeEventListener("webglcontextrestored", this.restored);
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

const VERTEX = `
precision highp float;
attribute float x, y, hue;
uniform vec3 across, down;
uniform vec2 stage;
uniform float size;
varying float color;
void main() {
  vec2 at = vec2((x - across.x) * across.y + across.z, (y - down.x) * down.y + down.z) / stage;
  gl_Position = vec4(2. * at.x - 1., 1. - 2. * at.y, 0., 1.);
  gl_PointSize = size + 1.;
  color = hue;
}`;

const FRAGMENT = `
precision highp float;
uniform sampler2D table;
uniform float size, rows;
varying float color;
void main() {
  float away = length(gl_PointCoord - .5) * (size + 1.);
  float cover = clamp(size / 2. + .5 - away, 0., 1.) * .6;
  float row = floor((color + .5) / 256.);
  vec2 place = vec2(color - 256. * row + .5, row + .5) / vec2(256., rows);
  gl_FragColor = vec4(texture2D(table, place).rgb, 1.) * cover;
}`;
