// Files that the chart fetches, each once, and Plotly's script.

const FILES = new Map(); // address -> Promise of its content

export function load(address, kind) {
  if (!FILES.has(address)) {
    const read = address.startsWith("data:") ? decoded(address) : fetched(address);
    FILES.set(address, read.then((bytes) => typed(bytes, kind)));
    if (FILES.size > 200) FILES.delete(FILES.keys().next().value);
  }
  return FILES.get(address);
}

// Files of a chart are fetched side by side, while Plotly is; each is waited for where it is taken.
export function loadAll({ points, colors, texts, columns = [] }) {
  const values = [colors, ...columns].map((one) => [one.url, one.names ? "u2" : "f4"]);
  for (const [address, kind] of [[points.url, "f4"], [texts, "json"], ...values]) {
    if (address) load(address, kind).catch(() => null); // told where it is taken
  }
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) {
    FILES.delete(address);
    throw new Error(`${address}: ${answer.status}`);
  }
  return answer.arrayBuffer();
}

async function decoded(address) {
  const text = atob(address.slice(address.indexOf(",") + 1));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer;
}

function typed(bytes, kind) {
  if (kind === "json") return JSON.parse(new TextDecoder().decode(bytes));
  if (kind === "f4") return new Float32Array(bytes);
  return new Uint16Array(bytes);
}

export function loadPlotly(address) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  if (!loadPlotly.promise) {
    loadPlotly.promise = new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = () => done(window.Plotly);
      script.onerror = () => {
        loadPlotly.promise = null;
        failed(new Error("Plotly's script could not be loaded"));
      };
      document.head.appendChild(script);
    });
  }
  return loadPlotly.promise;
}
