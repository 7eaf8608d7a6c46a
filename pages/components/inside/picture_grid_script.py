"""How the browser shows a picture grid: real buttons with a part of one sheet each, or with a number on a color.

The buttons wrap to the width of the page, unless there are heads. One of them takes the focus with Tab; arrow keys,
Home and End move it; Enter, Space or a click sends the button's index. All sizes are in rem, so that they grow with the
letters of the page on a projector; numbers in cells take less where a phone leaves them less.
"""

HTML = '<div class="grid" role="group"></div>'

CSS = """
.grid { display: grid; gap: 3px; justify-content: start; font-family: var(--st-font); color: var(--st-text-color);
  padding: 3px; container-type: inline-size; }
button { all: unset; box-sizing: border-box; cursor: pointer; border-radius: 3px; text-align: center; min-width: 0; }
button[disabled] { cursor: default; }
.picture { display: block; box-sizing: content-box; background-color: #000; background-repeat: no-repeat;
  image-rendering: pixelated; border-radius: 3px; outline: 1px solid rgb(128 128 140 / 45%); outline-offset: -1px;
  margin: 0 auto; }
.caption { display: block; font-size: 0.875rem; line-height: 1.2; opacity: 0.75; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.number { display: grid; place-items: center; min-height: 1.875rem; border-radius: 3px; }
.number, .head { font-size: clamp(0.625rem, 3.6cqi, 0.875rem); }
.head.row { justify-content: end; text-align: right; padding-right: 0.3em; }
.head { display: grid; place-items: center; opacity: 0.75; min-width: 1.1em; }
.head.long { writing-mode: vertical-rl; place-items: center start; }
button.marked .picture { box-shadow: 0 0 0 2px #e0a818; }
button:not([disabled]):hover { filter: brightness(1.3); }
button[aria-pressed="true"] .picture, button[aria-pressed="true"] .number {
  box-shadow: 0 0 0 3px var(--st-primary-color); }
button[aria-pressed="true"] .caption { opacity: 1; font-weight: 700; }
button:focus-visible { outline: 2px solid var(--st-text-color); outline-offset: 3px; position: relative; z-index: 1; }
"""

SCRIPT = """
const rem = (pixels) => `${pixels / 16}rem`;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function neighbor(buttons, from, [dx, dy]) {
  // The nearest button in the next row, or the next one in the row and then in the rows after it.
  if (dx) {
    for (let at = buttons.indexOf(from) + dx; buttons[at]; at += dx) if (!buttons[at].disabled) return buttons[at];
    return from;
  }
  const here = from.getBoundingClientRect();
  let best = from, least = Infinity;
  for (const other of buttons) {
    const box = other.getBoundingClientRect();
    const down = (box.top - here.top) * dy;
    if (other.disabled || down < 2) continue;
    const away = down * 1000 + Math.abs(box.left - here.left);
    if (away < least) [best, least] = [other, away];
  }
  return best;
}

function fill(button, data, number) {
  const cell = data.cells[number];
  button.setAttribute("aria-label", cell.label);
  button.title = cell.label;
  button.disabled = Boolean(cell.empty);
  button.classList.toggle("marked", Boolean(cell.marked));
  button.setAttribute("aria-pressed", String(data.chosen === number));
  const [face, caption] = button.children;
  if (data.sheet) {
    const { url, across, count, width, height } = data.sheet;
    face.className = "picture";
    face.textContent = "";
    Object.assign(face.style, {
      width: rem(width), height: rem(height),
      backgroundImage: `url(${url})`,
      backgroundSize: `${rem(across * width)} ${rem(Math.ceil(count / across) * height)}`,
      backgroundPosition: `-${rem((number % across) * width)} -${rem(Math.floor(number / across) * height)}`,
    });
  } else {
    face.className = "number";
    face.textContent = cell.text;
    // Neither dark nor white letters are readable on the shades that are left out in between.
    const deep = cell.shade > 0.78;
    face.style.background = `rgb(91 91 214 / ${Math.round(deep ? 64 + 36 * cell.shade : 8 + 92 * cell.shade)}%)`;
    face.style.color = deep ? "#fff" : "inherit";
  }
  caption.textContent = cell.caption ?? "";
  caption.hidden = !cell.caption;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid");
  grid.setAttribute("aria-label", data.label);
  const buttons = [...grid.querySelectorAll("button")];
  while (buttons.length > data.cells.length) buttons.pop().remove();
  while (buttons.length < data.cells.length) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(document.createElement("span"), document.createElement("span"));
    button.lastChild.className = "caption";
    grid.append(button);
    buttons.push(button);
  }
  buttons.forEach((button, number) => fill(button, data, number));

  for (const head of grid.querySelectorAll(".head")) head.remove();
  const { rows, columns } = data.heads ?? {};
  grid.style.gridTemplateColumns = columns
    ? `auto repeat(${columns.length}, minmax(0, 2.625rem))`
    : `repeat(auto-fill, ${rem(data.pitch)})`;
  const head = (text, row, column) => {
    const span = document.createElement("span");
    // A word has no room above a column unless it stands on end.
    span.className = row > 1 ? "head row" : text.length > 4 ? "head long" : "head";
    span.textContent = text;
    span.ariaHidden = "true";
    span.style.gridArea = `${row} / ${column}`;
    grid.append(span);
  };
  (columns ?? []).forEach((text, number) => head(text, 1, number + 2));
  (rows ?? []).forEach((text, number) => head(text, number + 2, 1));
  buttons.forEach((button, number) => {
    button.style.gridArea = columns
      ? `${Math.floor(number / columns.length) + 2} / ${(number % columns.length) + 2}`
      : "auto";
  });

  const root = grid.getRootNode();
  const stop = (wanted) => buttons.forEach((button) => (button.tabIndex = button === wanted ? 0 : -1));
  const focused = buttons.includes(root.activeElement) ? root.activeElement : null;
  stop(focused ?? buttons[data.chosen] ?? buttons.find((button) => !button.disabled));

  grid.onclick = (event) => {
    const button = event.target.closest("button");
    if (!button || button.disabled) return;
    stop(button);
    setTriggerValue("chosen", buttons.indexOf(button));
    const shown = data.leadTo && document.querySelector(`.st-key-${data.leadTo}`);
    if (!shown) return;
    const calm = matchMedia("(prefers-reduced-motion)").matches;
    const { top } = shown.getBoundingClientRect();
    if (top < 0 || top > 0.7 * window.innerHeight)
      shown.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  };
  grid.onkeydown = (event) => {
    const from = event.target.closest("button");
    if (!from || event.altKey || event.ctrlKey || event.metaKey) return;
    const usable = buttons.filter((button) => !button.disabled);
    const to = { Home: usable[0], End: usable.at(-1) }[event.key]
      ?? (STEPS[event.key] && neighbor(buttons, from, STEPS[event.key]));
    if (!to) return;
    event.preventDefault();
    stop(to);
    to.focus();
  };
}
"""
