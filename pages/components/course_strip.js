// How probabilities went over time or over steps, as a strip with a row for each answer: see course_strip.py.

const ROW = 11;
const LEFT = 22;
const REPLAY = 3000;
const states = new WeakMap();

/** How much room the names take: the more the longer they are, up to a dozen letters. */
const leftOf = (names, rem) => {
  const longest = Math.min(12, Math.max(...names.map((name) => (name === "none" ? 1 : name.length))));
  return Math.max(LEFT, 6 * longest + 6) * rem;
};

const tell = (shares, names) =>
  document.dispatchEvent(new CustomEvent("digit-lab-show", { detail: { shares, names } }));

const draw = (state, cursor) => {
  const { at, shares, names } = state.data;
  const first = state.data.from;
  const { canvas } = state;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  // On a projector the letters are to be read from afar.
  const row = rem > 1.3 ? 2 * ROW + 1 : ROW;
  const left = leftOf(names, rem);
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.parentElement.clientWidth;
  const height = row * names.length;
  canvas.style.height = `${height}px`;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const span = at[at.length - 1] - first || 1;
  const x = (value) => left + ((value - first) / span) * (width - left);
  state.column = (pixel) => {
    const value = first + ((pixel - left) / (width - left)) * span;
    let index = 0;
    while (index + 1 < at.length && at[index + 1] <= value) index += 1;
    return index;
  };
  context.font = `${row - 1}px ${style.fontFamily}`;
  context.textBaseline = "middle";
  names.forEach((name, line) => {
    context.globalAlpha = 0.8;
    context.fillStyle = style.color;
    context.fillText(name === "none" ? "–" : name.slice(0, 12), 2, (line + 0.55) * row, left - 4);
    context.fillStyle = style.borderTopColor;
    context.globalAlpha = 0.35;
    context.fillRect(left, (line + 1) * row - 1, width - left, 1);
    context.fillStyle = style.caretColor;
    shares.forEach((column, index) => {
      context.globalAlpha = column[line];
      const from = x(at[index]);
      const to = index + 1 < at.length ? x(at[index + 1]) : width;
      context.fillRect(from, line * row, Math.max(1.5, to - from), row - 1);
    });
  });
  context.globalAlpha = 1;
  if (cursor !== undefined) {
    context.fillStyle = style.color;
    context.fillRect(cursor, 0, 1.5, height);
  }
};

const show = (state, pixel) => {
  draw(state, pixel);
  tell(state.data.shares[state.column(pixel)], state.data.names);
};

const rest = (state) => {
  cancelAnimationFrame(state.frame);
  state.began = null;
  draw(state);
  tell(null);
};

const replay = (state) => {
  rest(state);
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const left = leftOf(state.data.names, rem);
  const width = state.canvas.parentElement.clientWidth;
  const began = performance.now();
  const step = (now) => {
    const share = (now - began) / REPLAY;
    if (share >= 1) return rest(state);
    show(state, left + Math.max(0, share) * (width - left));
    state.frame = requestAnimationFrame(step);
  };
  state.frame = requestAnimationFrame(step);
};

export default function ({ data, parentElement }) {
  let state = states.get(parentElement);
  if (!state) {
    const canvas = parentElement.querySelector("canvas");
    state = { canvas, column: () => 0, watching: null };
    states.set(parentElement, state);
    canvas.addEventListener("pointermove", (event) => show(state, event.offsetX));
    canvas.addEventListener("pointerleave", () => rest(state));
    parentElement.querySelector("button").addEventListener("click", () => replay(state));
    state.watching = new ResizeObserver(() => draw(state));
    state.watching.observe(canvas.parentElement);
  }
  state.data = data;
  state.canvas.setAttribute("aria-label", data.words);
  parentElement.querySelector(".words").textContent = data.words;
  parentElement.querySelector("button").textContent = data.replay;
  parentElement.querySelector(".start").textContent = data.start;
  parentElement.querySelector(".end").textContent = data.end;
  draw(state);
  return () => {
    cancelAnimationFrame(state.frame);
    state.watching.disconnect();
    states.delete(parentElement);
  };
}
