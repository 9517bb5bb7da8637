// Histograms: how values are put into bars, and how these are drawn.

const BARS = 32;

// The bars of a histogram: of whole numbers each has as many of them, so that none is empty for that.
export function barsOf(values, low, high) {
  const whole = Number.isFinite(low) && values.every((value) => Number.isNaN(value) || Number.isInteger(value));
  if (!whole) return { from: low, span: high - low || 1, bars: BARS, whole };
  const each = Math.ceil((high - low + 1) / BARS);
  const bars = Math.ceil((high - low + 1) / each);
  return { from: low - 0.5, span: bars * each, bars, whole };
}

export function drawBars(canvas, all, part, filter, low, span) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [canvas.clientWidth || 220, canvas.clientHeight || 44];
  canvas.width = wide * ratio;
  canvas.height = high * ratio;
  const brush = canvas.getContext("2d");
  brush.scale(ratio, ratio);
  let most = 1;
  for (const count of all) most = Math.max(most, count);
  const step = wide / all.length;
  for (let bar = 0; bar < all.length; bar++) {
    const draw = (count, color) => {
      const tall = Math.max(count ? 1 : 0, (high * count) / most);
      brush.fillStyle = color;
      brush.fillRect(bar * step, high - tall, step - 1, tall);
    };
    draw(all[bar], "rgba(128,128,128,0.3)");
    draw(part[bar], "#3D96CC");
  }
  if (filter) {
    const [from, to] = [filter.low, filter.high].map((end) => ((end - low) / span) * wide);
    brush.fillStyle = "rgba(191,122,0,0.25)";
    brush.fillRect(from, 0, Math.max(1, to - from), high);
  }
}
