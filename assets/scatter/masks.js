// Sets of points: a byte each, packed to a bit each for the server, and those inside a polygon.

export function packed(mask) {
  const bits = new Uint8Array(Math.ceil(mask.length / 8));
  let count = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]) {
      bits[i >> 3] |= 1 << (i & 7);
      count++;
    }
  }
  if (!count) return "";
  let text = "";
  for (let i = 0; i < bits.length; i += 8192) {
    text += String.fromCharCode(...bits.subarray(i, i + 8192));
  }
  return btoa(text);
}

export function unpacked(text, n) {
  const mask = new Uint8Array(n);
  const bits = atob(text);
  for (let i = 0; i < n; i++) mask[i] = (bits.charCodeAt(i >> 3) >> (i & 7)) & 1;
  return mask;
}

// Which points lie inside a polygon of screen places (even-odd rule).
export function inPolygon(xs, ys, corners) {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of corners) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const n = xs.length;
  const m = corners.length;
  const px = Float64Array.from(corners, (one) => one[0]);
  const py = Float64Array.from(corners, (one) => one[1]);
  const mask = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const x = xs[i];
    const y = ys[i];
    if (!(x >= left && x <= right && y >= top && y <= bottom)) continue;
    let inside = 0;
    for (let a = 0, b = m - 1; a < m; b = a++) {
      if (py[a] > y !== py[b] > y && x < ((px[b] - px[a]) * (y - py[a])) / (py[b] - py[a]) + px[a]) {
        inside ^= 1;
      }
    }
    mask[i] = inside;
  }
  return mask;
}
