// Sends pictures of a drawing while it is drawn, and shows what the server answers: see live_reading.py.

const LOST = 4000;
const states = new WeakMap();

const findCanvases = () => {
  for (const element of document.querySelectorAll(".st-key-canvas *")) {
    const root = element.shadowRoot?.querySelector(".dc-root");
    if (root) return [root.querySelector("canvas.lower-canvas"), root.querySelector("canvas.upper-canvas")];
  }
};

/** The drawing with the stroke that is being drawn, as a PNG in a data URL; undefined if there is no canvas. */
const takePicture = (state) => {
  const canvases = findCanvases();
  if (!canvases) return;
  state.scratch ??= Object.assign(document.createElement("canvas"), { width: 280, height: 280 });
  const context = state.scratch.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#000";
  context.fillRect(0, 0, 280, 280);
  for (const canvas of canvases) if (canvas) context.drawImage(canvas, 0, 0, 280, 280);
  return state.scratch.toDataURL("image/png");
};

/** Send a picture now. last: the pen was lifted; false while it moves, and then never before the last is answered. */
const send = async (state, last) => {
  const now = performance.now();
  const image = takePicture(state);
  if (!image) return;
  const { address, token } = state.latest.data;
  state.number += 1;
  const number = state.number;
  state.pending = number;
  state.sentAt = now;
  state.changed = false;
  const drawn = Math.round(state.drawn + (state.began === null ? 0 : now - state.began));
  let answer = null;
  try {
    const body = JSON.stringify({ token, number, drawn, last, image });
    const headers = { "Content-Type": "application/json" };
    const signal = AbortSignal.timeout(LOST);
    const here = location.origin + location.pathname.replace(/\/?$/, "/");
    const response = await fetch(new URL(address, here), { method: "POST", headers, body, signal });
    if (response.ok) answer = await response.json();
    // Whoever is not known there, or is not let through, does not go on asking until the page is drawn again.
    else if (response.status !== 429) state.pace = null;
  } catch {
    // The server is busy or gone: the strokes are answered as ever.
  }
  if (state.pending === number) state.pending = null;
  // The page has been drawn with the strokes meanwhile, or left.
  if (answer && number > state.shown && !state.listening.signal.aborted) {
    state.shown = number;
    // Switched off meanwhile, it stays off.
    if (state.pace !== null) state.pace = answer.pace;
    state.live = answer;
    show(state);
    showWords(answer);
  }
  // Sending the strokes is work: first the answer is painted.
  if (last) requestAnimationFrame(() => setTimeout(() => document.dispatchEvent(new CustomEvent("digit-lab-answered"))));
};

const maySend = (state, now) => {
  const { pace } = state;
  if (pace === null || state.began === null || !state.changed || state.pending !== null) return false;
  return now - state.sentAt >= pace;
};

const watch = (state) => {
  cancelAnimationFrame(state.frame);
  const look = () => {
    if (state.began === null) return;
    if (maySend(state, performance.now())) send(state, false);
    state.frame = requestAnimationFrame(look);
  };
  state.frame = requestAnimationFrame(look);
};

const onStroke = (state, event) => {
  const { phase } = event.detail;
  const { data } = state.latest;
  const now = performance.now();
  if (phase === "begin") {
    if (data.empty && !state.drawnOn) state.drawn = 0;
    state.began = now;
    // A dot under the pen is nothing to read: the first picture comes with the first movement.
    state.changed = false;
    watch(state);
  } else if (phase === "move") {
    state.changed = true;
  } else {
    if (state.pace !== null && state.pace <= data.at_ease) {
      send(state, true);
      // The answer comes before the strokes are sent, and is not kept waiting by them.
      event.detail.wait = data.strokes_later;
    }
    state.drawn += now - (state.began ?? now);
    state.began = null;
    state.drawnOn = true;
  }
};

const showBars = (state, names, shares, labels) => {
  const best = shares ? shares.indexOf(Math.max(...shares)) : -1;
  state.bars.forEach((bar, index) => {
    const share = shares ? shares[index] : 0;
    bar.fill.style.height = `${100 * share}%`;
    bar.label.textContent = shares && share >= 0.01 ? labels[index] : "";
    bar.column.classList.toggle("best", index === best);
    bar.column.title = shares ? `${names[index]}: ${labels[index]}` : "";
  });
};

const build = (state, root, names) => {
  root.replaceChildren();
  root.classList.toggle("long", names.some((name) => name.length > 4));
  state.names = names.join();
  state.bars = names.map((name) => {
    const make = (kind, parent) => {
      const part = document.createElement("div");
      part.className = kind;
      parent.append(part);
      return part;
    };
    const column = make("column", root);
    const label = make("share", column);
    const room = make("room", column);
    const fill = make("fill", room);
    make("name", column).textContent = name;
    return { column, label, fill };
  });
};

/** The large digit and the words beside it, as the page draws them. */
const findWords = () => {
  const box = document.querySelector(".st-key-prediction");
  const digit = box?.querySelector("[data-testid^=stMetricValue]:not([data-live])");
  const words = box?.querySelector(":scope > :last-child [data-testid=stMarkdownContainer] > p:not([data-live])");
  return digit && words ? [digit, words] : [];
};

/** A name without what Markdown needs before its signs. */
const plain = (text) => text.replace(/\\(.)/g, "$1");

/** Markdown with icons and bold parts, as the page's answers have it, in an element. */
const write = (element, markdown) => {
  element.replaceChildren(
    ...markdown.split(/(:material\/\w+:|\*\*(?:\\.|[^\\])+?\*\*)/).map((part) => {
      if (part.startsWith("**")) {
        const bold = document.createElement("strong");
        bold.textContent = plain(part.slice(2, -2));
        return bold;
      }
      if (!part.startsWith(":material/")) return document.createTextNode(plain(part));
      const icon = document.createElement("span");
      icon.textContent = part.slice(10, -1);
      icon.style.cssText =
        "font-family:'Material Symbols Rounded';font-size:1.25em;line-height:1;vertical-align:bottom;" +
        "display:inline-block;white-space:nowrap;overflow-wrap:normal;user-select:none;" +
        "font-feature-settings:'liga';letter-spacing:normal";
      icon.setAttribute("aria-hidden", "true");
      return icon;
    }),
  );
};

/**
 * An answer in the places of the page's own. What the page has drawn steps aside, and is never changed: Streamlit
 * would not put right what it does not know of.
 */
const showWords = (answer) => {
  findWords().forEach((own, index) => {
    let live = own.nextElementSibling;
    if (live?.dataset.live === undefined) {
      live = own.cloneNode(true);
      live.dataset.live = "";
      own.after(live);
      own.style.display = "none";
      if (index === 0) own.dataset.testid = "stMetricValueBefore";
    }
    if (index) return write(live, answer.words);
    let text = live;
    while (text.firstElementChild) text = text.firstElementChild;
    if (text.textContent !== answer.digit) text.textContent = answer.digit;
  });
};

const hideWords = () => {
  for (const live of document.querySelectorAll(".st-key-prediction [data-live]")) live.remove();
  findWords().forEach((own, index) => {
    own.style.display = "";
    if (index === 0) own.dataset.testid = "stMetricValue";
  });
};

/** A share as the page writes it. percents: how it writes almost all, almost nothing, and 12.3 %. */
const percent = (share, { most, least, between }) => {
  if (share > 0.999) return most;
  if (share < 0.001) return least;
  const [whole, tenth] = (Math.floor(share * 1000 + 1e-4) / 10).toFixed(1).split(".");
  return between.replace(/12(\D)3/, (written, point) => whole + point + tenth);
};

/** What is newest: an answer while the pen moves, or the page's own. */
const show = (state) => {
  const { names, shares, labels, alt } = state.live ?? state.latest.data;
  const root = state.latest.parentElement.querySelector(".bars");
  if (state.names !== names.join()) build(state, root, names);
  root.setAttribute("aria-label", alt);
  root.dataset.answered = state.shown;
  showBars(state, names, shares, labels);
};

export default function (component) {
  const { data, parentElement } = component;
  let state = states.get(parentElement);
  if (!state) {
    state = {
      // Of the pictures sent, of the one that is not answered yet, and of the newest that was shown.
      number: 0,
      pending: null,
      shown: 0,
      sentAt: -1e6,
      changed: false,
      // Milliseconds with the pen down, before the stroke that began at `began`.
      drawn: data.drawn,
      began: null,
      drawnOn: false,
      full: false,
      // The newest answer, until the page knows the strokes, too.
      live: null,
      listening: new AbortController(),
    };
    states.set(parentElement, state);
    const options = { signal: state.listening.signal };
    document.addEventListener("digit-lab-stroke", (event) => onStroke(state, event), options);
    // The strip below replays how a reading came about.
    document.addEventListener("digit-lab-show", (event) => {
      const { shares, names } = event.detail;
      if (!shares) return show(state);
      const root = state.latest.parentElement.querySelector(".bars");
      if (state.names !== names.join()) build(state, root, names);
      showBars(state, names, shares, shares.map((share) => percent(share, state.latest.data.percents)));
    }, options);
  }
  state.latest = component;
  state.pace = data.pace;
  // Until the strokes are known to the server, too, an empty canvas is only what it last heard of.
  if (!data.empty) state.full = true;
  else if (state.full) state.full = state.drawnOn = false;
  if (state.revision !== data.revision && state.began === null) {
    state.revision = data.revision;
    state.live = null;
    // An answer to a picture from before comes too late.
    state.shown = state.number;
    hideWords();
  }
  show(state);
  return () => {
    const old = states.get(parentElement);
    old?.listening.abort();
    cancelAnimationFrame(old?.frame);
    hideWords();
    states.delete(parentElement);
  };
}
