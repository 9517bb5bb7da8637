// Which point is nearest to a place, and an order by chance.

// Points by cells of a grid, to find the nearest to the mouse without asking all.
export class Grid {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    const n = x.length;
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < n; i++) {
      left = Math.min(left, x[i]);
      right = Math.max(right, x[i]);
      low = Math.min(low, y[i]);
      high = Math.max(high, y[i]);
    }
    this.side = Math.max(1, Math.min(512, Math.round(Math.sqrt(n / 2))));
    this.left = left;
    this.low = low;
    this.wide = (right - left) / this.side || 1;
    this.high = (high - low) / this.side || 1;
    const cells = this.side * this.side;
    this.start = new Uint32Array(cells + 1);
    const cell = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      cell[i] = this.row(y[i]) * this.side + this.column(x[i]);
      this.start[cell[i] + 1]++;
    }
    for (let c = 0; c < cells; c++) this.start[c + 1] += this.start[c];
    const next = this.start.slice(0, cells);
    this.items = new Uint32Array(n);
    for (let i = 0; i < n; i++) this.items[next[cell[i]]++] = i;
  }

  column(x) {
    return Math.max(0, Math.min(this.side - 1, Math.floor((x - this.left) / this.wide)));
  }

  row(y) {
    return Math.max(0, Math.min(this.side - 1, Math.floor((y - this.low) / this.high)));
  }

  nearest(x, y, reachX, reachY, on) {
    let best = -1;
    let least = 1;
    let looked = 0;
    for (let row = this.row(y - reachY); row <= this.row(y + reachY); row++) {
      for (let column = this.column(x - reachX); column <= this.column(x + reachX); column++) {
        const cell = row * this.side + column;
        for (let at = this.start[cell]; at < this.start[cell + 1]; at++) {
          const i = this.items[at];
          if (on && !on[i]) continue;
          if (++looked > 200_000) return best;
          const away = ((this.x[i] - x) / reachX) ** 2 + ((this.y[i] - y) / reachY) ** 2;
          if (away < least) {
            least = away;
            best = i;
          }
        }
      }
    }
    return best;
  }
}

// The same order by chance each time.
export function shuffled(n) {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let seed = 12345;
  for (let i = n - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const j = seed % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
