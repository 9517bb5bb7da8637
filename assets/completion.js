// Fills a <datalist> for Streamlit's own text input: each option is what was typed so far with its
// last word completed, so that the browser shows, filters and inserts it by itself.
const SHOWN = 8;
const LAST_WORD = /[^\s+\-−–*/()[\]"“”]+$/u;

export default function ({ data, parentElement }) {
  const input = document.querySelector(`input[aria-label="${data.label}"]`);
  if (!input) return;
  const id = "word-completions";
  let list = document.getElementById(id);
  if (!list) {
    list = document.createElement("datalist");
    list.id = id;
    document.body.appendChild(list);
  }
  input.setAttribute("list", id);
  const complete = () => {
    const typed = input.value;
    const last = typed.match(LAST_WORD)?.[0] ?? "";
    list.replaceChildren();
    if (last.length < 2) return;
    const folded = last.toLowerCase();
    const before = typed.slice(0, typed.length - last.length);
    let shown = 0;
    for (const word of data.words) {
      if (word.length > last.length && word.toLowerCase().startsWith(folded)) {
        const option = document.createElement("option");
        option.value = before + word;
        list.appendChild(option);
        if (++shown === SHOWN) break;
      }
    }
  };
  input.addEventListener("input", complete);
  return () => {
    input.removeEventListener("input", complete);
    input.removeAttribute("list");
    list.remove();
  };
}
