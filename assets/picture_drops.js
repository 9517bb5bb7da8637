// Pictures that are pasted into the query bar, or dropped anywhere on it or on another place for
// pictures, go to the uploader there. Streamlit may replace it at any time, so the whole document is
// listened to.
//
// Once a drop is taken, an empty uploader stands in place of the one it went to. A drop in between
// would be lost with that one, or be taken for a part of the drop before: it waits here.
const PLACES = [
  [".st-key-query", ".st-key-query-drop input[type=file]"],
  [".st-key-query-drop", ".st-key-query-drop input[type=file]"],
  [".st-key-own-drop", ".st-key-own-drop input[type=file]"],
];
const REFUSED = '[data-testid="stFileUploaderFileErrorMessage"]';
const LONGEST = 60_000; // milliseconds
const LOOK = 50;

function pictures(data) {
  return [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}

// Which uploader an event is meant for: the selector of its input.
function meant(event) {
  return PLACES.find(([place, input]) => event.target?.closest?.(place)?.querySelector(input))?.[1];
}

class Line {
  constructor() {
    this.waiting = [];
    this.last = null; // the input that has files, and since when
    this.timer = 0;
  }

  add(selector, files) {
    this.waiting.push({ selector, files });
    this.next();
  }

  took(input) {
    this.last = { input, since: performance.now() };
  }

  get busy() {
    if (!this.last?.input.isConnected || performance.now() - this.last.since > LONGEST) return false;
    return !this.last.input.closest('[data-testid="stFileUploader"]')?.querySelector(REFUSED);
  }

  next() {
    clearTimeout(this.timer);
    const input = this.waiting.length && document.querySelector(this.waiting[0].selector);
    if (input && !this.busy) {
      const taken = new DataTransfer();
      for (const file of this.waiting.shift().files) taken.items.add(file);
      input.files = taken.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      this.took(input);
    }
    if (this.waiting.length) this.timer = setTimeout(() => this.next(), LOOK);
  }
}

export default function () {
  const line = new Line();
  const hand = (event, data) => {
    const selector = meant(event);
    const files = pictures(data);
    if (!selector || !files.length || event.target.matches?.(selector)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    line.add(selector, files);
  };
  const heard = {
    paste: (event) => hand(event, event.clipboardData),
    drop: (event) => hand(event, event.dataTransfer),
    dragover: (event) => meant(event) && event.preventDefault(),
    change: (event) => event.isTrusted && PLACES.some(([, one]) => event.target.matches?.(one)) && line.took(event.target),
  };
  for (const [kind, take] of Object.entries(heard)) document.addEventListener(kind, take, true);
  return () => {
    clearTimeout(line.timer);
    for (const [kind, take] of Object.entries(heard)) document.removeEventListener(kind, take, true);
  };
}
