// Rings, stars and boxes on a canvas.

export function overlap([ax, ay, aw, ah], [bx, by, bw, bh]) {
  const wide = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const high = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  return wide <= 0 || high <= 0 ? 0 : (wide * high) / Math.min(aw * ah, bw * bh);
}

export function ring(brush, x, y, radius, color, width) {
  brush.lineWidth = width;
  brush.strokeStyle = color;
  brush.beginPath();
  brush.arc(x, y, radius, 0, 2 * Math.PI);
  brush.stroke();
}

export function star(brush, x, y, color) {
  brush.beginPath();
  for (let corner = 0; corner < 10; corner++) {
    const radius = corner % 2 ? 5 : 11;
    const angle = (corner * Math.PI) / 5 - Math.PI / 2;
    brush.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  brush.closePath();
  brush.fillStyle = color;
  brush.fill();
  brush.lineWidth = 1.5;
  brush.strokeStyle = "#fff";
  brush.stroke();
}
