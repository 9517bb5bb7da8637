// The browser's Back undoes the last step on a page: a formula, a search, a tool, a setting.
// Streamlit writes what a person chose into the address by replaceState, which leaves no step to go
// back to; what a person did since the last Back becomes one here. Streamlit itself then restores
// the boxes from the address.
const MARK = Symbol.for("embedding-explorer-steps");

function begin() {
  const replace = history.replaceState;
  let acted = 0;
  let went = 0;
  const act = () => {
    acted = performance.now();
  };
  for (const kind of ["pointerdown", "keydown", "drop", "paste"]) {
    window.addEventListener(kind, act, true);
  }
  window.addEventListener("popstate", () => {
    went = performance.now();
  }, true);
  history.replaceState = function (state, unused, address) {
    const next = address === undefined ? null : new URL(address, location.href);
    const step = next && next.pathname === location.pathname && next.search !== location.search;
    return step && acted > went
      ? history.pushState(state, unused, address)
      : replace.call(history, state, unused, address);
  };
}

export default function () {
  if (window[MARK]) return;
  window[MARK] = true;
  begin();
}
