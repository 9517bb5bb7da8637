// Keeps the id of the shelf in a cookie, for as long as the shelf is kept after its last use.
// Tells Python the id that the browser really holds: where another tab was first, and where Python
// asks because something is on the shelf ("" if the browser takes no cookies).
const NAME = "embedding-explorer-shelf";

function held() {
  const found = document.cookie.match(new RegExp(`(?:^|; )${NAME}=([\\w-]{43})(?:;|$)`));
  return found ? found[1] : "";
}

export default function ({ data, setStateValue }) {
  const id = held() || data.id;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = data.days * 24 * 60 * 60;
  document.cookie = `${NAME}=${id}; Max-Age=${age}; Path=/; SameSite=Strict${secure}`;
  const kept = held();
  if (data.ask || (kept && kept !== data.id)) setStateValue("held", kept);
}
