// The browser's Back undoes the last step on a page: a formula, a search, a tool, a setting.
// Streamlit writes what a person chose into the address by replaceState, which leaves no step to go
// back to; what a person did since the last step becomes one here, and what follows of it in the
// address becomes none. Streamlit itself then restores the boxes from the address.
const MARK = Symbol.for("embedding-explorer-steps");

function begin() {
  const { replaceState, pushState } = history;
  let acted = 0;
  let stepped = 0;
  const act = () => {
    acted = performance.now();
  };
  for (const kind of ["pointerdown", "keydown", "input", "drop", "paste"]) {
    window.addEventListener(kind, act, true);
  }
  window.addEventListener("popstate", () => {
    stepped = performance.now();
  }, true);
  const follow = (plain) => function (state, unused, address) {
    const next = address === undefined ? null : new URL(address, location.href);
    if (!next || next.pathname !== location.pathname || next.search === location.search) {
      return plain.call(history, state, unused, address);
    }
    const step = acted > stepped;
    if (step) stepped = performance.now();
    return (step ? pushState : replaceState).call(history, state, unused, address);
  };
  history.replaceState = follow(replaceState);
  history.pushState = follow(pushState);
}

export default function () {
  if (window[MARK]) return;
  window[MARK] = true;
  begin();
}
