// Elements of the page, and numbers and texts as they are shown.

export const font = (weight) => `${weight} 12px "Source Sans", "Source Sans Pro", sans-serif`;
export const many = (number) => number.toLocaleString("en-US");
export const clip = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

export const make = (tag, cls, text) => {
  const one = document.createElement(tag);
  if (cls) one.className = cls;
  if (text !== undefined) one.textContent = text;
  return one;
};

export const button = (cls, text, work) => {
  const one = make("button", cls, text);
  one.type = "button";
  one.addEventListener("click", work);
  return one;
};

// Writes a part of the panel anew; the button in it that has the focus keeps it, told by its place.
export function rewrite(box, work) {
  const buttons = () => [...box.querySelectorAll("button")];
  const at = buttons().indexOf(box.getRootNode().activeElement);
  box.textContent = "";
  work();
  buttons()[at]?.focus({ preventScroll: true });
}

export function number(value) {
  if (Number.isNaN(value)) return "no value";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(2);
  return value.toLocaleString("en-US", { maximumSignificantDigits: 5, useGrouping: size >= 1e4 });
}

export function shownNumber(column, value) {
  if (column.kind !== "date" || Number.isNaN(value)) return number(value);
  return new Date(value * 86_400_000).toISOString().slice(0, 10);
}
