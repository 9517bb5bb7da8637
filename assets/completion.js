// Fills a <datalist> for Streamlit's own text input: each option is what was typed so far with its
// last word completed, so that the browser shows, filters and inserts it by itself.
// Streamlit may replace the input at any time, so the whole document is listened to.
const SHOWN = 8;
const LIST = "word-completions";
const LAST_WORD = /[^\s+\-−–*/()[\]"“”]+$/u;

function suggestions() {
  const found = document.getElementById(LIST);
  if (found) return found;
  const list = document.createElement("datalist");
  list.id = LIST;
  return document.body.appendChild(list);
}

function complete(input, words) {
  const list = suggestions();
  input.setAttribute("list", LIST);
  const typed = input.value;
  const last = typed.match(LAST_WORD)?.[0] ?? "";
  list.replaceChildren();
  if (last.length < 2) return;
  const folded = last.toLowerCase();
  const before = typed.slice(0, typed.length - last.length);
  for (const word of words) {
    if (word.length > last.length && word.toLowerCase().startsWith(folded)) {
      const option = document.createElement("option");
      option.value = before + word;
      list.appendChild(option);
      if (list.children.length === SHOWN) break;
    }
  }
}

export default function ({ data }) {
  const follow = ({ target }) => {
    if (target?.getAttribute?.("aria-label") === data.label) complete(target, data.words);
  };
  for (const kind of ["focusin", "input"]) document.addEventListener(kind, follow);
  return () => {
    for (const kind of ["focusin", "input"]) document.removeEventListener(kind, follow);
  };
}
