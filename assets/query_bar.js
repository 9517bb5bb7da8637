// Pictures that are pasted into the query bar, or dropped anywhere on it, go to its own uploader.
// Streamlit may replace the bar at any time, so the whole document is listened to.
const BAR = ".st-key-query";
const INPUT = ".st-key-query-drop input[type=file]";

function pictures(data) {
  return [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}

function hand(event, data) {
  const bar = event.target?.closest?.(BAR);
  const input = bar?.querySelector(INPUT);
  const files = pictures(data);
  if (!input || !files.length || event.target === input) return;
  event.preventDefault();
  event.stopPropagation();
  const taken = new DataTransfer();
  for (const file of files) taken.items.add(file);
  input.files = taken.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export default function () {
  const paste = (event) => hand(event, event.clipboardData);
  const drop = (event) => hand(event, event.dataTransfer);
  const over = (event) => {
    if (event.target?.closest?.(BAR)?.querySelector(INPUT)) event.preventDefault();
  };
  document.addEventListener("paste", paste, true);
  document.addEventListener("drop", drop, true);
  document.addEventListener("dragover", over, true);
  return () => {
    document.removeEventListener("paste", paste, true);
    document.removeEventListener("drop", drop, true);
    document.removeEventListener("dragover", over, true);
  };
}
