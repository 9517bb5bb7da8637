// How dense points lie.

// The square root of how many points lie about each cell of a grid (a Gaussian kernel).
export function density(x, y) {
  const cells = 120;
  const ends = (values) => {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const pad = (high - low) * 0.1 || 1;
    return [low - pad, (high - low + 2 * pad) / cells];
  };
  const [[x0, dx], [y0, dy]] = [ends(x), ends(y)];
  const counts = new Float64Array(cells * cells);
  for (let i = 0; i < x.length; i++) counts[Math.floor((y[i] - y0) / dy) * cells + Math.floor((x[i] - x0) / dx)]++;
  const reach = 6;
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-(((at - reach) / 2.2) ** 2) / 2));
  const blur = (from, step, along) => {
    const to = new Float64Array(from.length);
    for (let at = 0; at < from.length; at++) {
      const place = along(at);
      for (let by = -reach; by <= reach; by++) {
        if (place + by >= 0 && place + by < cells) to[at] += from[at + by * step] * kernel[by + reach];
      }
    }
    return to;
  };
  const wide = blur(counts, 1, (at) => at % cells);
  const both = blur(wide, cells, (at) => Math.floor(at / cells));
  const z = Array.from({ length: cells }, (_, row) => Array.from(both.subarray(row * cells, (row + 1) * cells), Math.sqrt));
  return { z, x0: x0 + dx / 2, dx, y0: y0 + dy / 2, dy };
}
