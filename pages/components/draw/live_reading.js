// Sends pictures of a drawing while it is drawn, and shows the probabilities: see live_reading.py.

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
const send = (state, last) => {
  const now = performance.now();
  const image = takePicture(state);
  if (!image) return;
  state.number += 1;
  state.pending = state.number;
  state.sentAt = now;
  state.changed = false;
  const drawn = state.drawn + (state.began === null ? 0 : now - state.began);
  state.latest.setTriggerValue("picture", { number: state.number, drawn: Math.round(drawn), last, image });
};

const maySend = (state, now) => {
  const { pace } = state.latest.data;
  if (pace === null || state.began === null || !state.changed) return false;
  if (state.pending !== null && now - state.sentAt < LOST) return false;
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
    if (data.pace !== null && data.pace <= data.at_ease) {
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

const percent = (share) =>
  share > 0.999 ? "> 99.9 %" : share < 0.001 ? "< 0.1 %" : `${(Math.floor(share * 1000 + 1e-4) / 10).toFixed(1)} %`;

export default function (component) {
  const { data, parentElement } = component;
  let state = states.get(parentElement);
  if (!state) {
    state = {
      // When the page is opened again, numbers go on where they ended.
      number: data.answered,
      pending: null,
      sentAt: -1e6,
      changed: false,
      // Milliseconds with the pen down, before the stroke that began at `began`.
      drawn: data.drawn,
      began: null,
      drawnOn: false,
      full: false,
      listening: new AbortController(),
    };
    states.set(parentElement, state);
    const options = { signal: state.listening.signal };
    document.addEventListener("digit-lab-stroke", (event) => onStroke(state, event), options);
    // The strip below replays how a reading came about.
    document.addEventListener("digit-lab-show", (event) => {
      const shares = event.detail.shares ?? state.latest.data.shares;
      showBars(state, state.latest.data.names, shares, (shares ?? []).map(percent));
    }, options);
  }
  state.latest = component;
  const root = parentElement.querySelector(".bars");
  if (state.names !== data.names.join()) build(state, root, data.names);
  root.setAttribute("aria-label", data.alt);
  root.dataset.answered = data.answered;
  showBars(state, data.names, data.shares, data.labels);
  // Until the strokes are known to the server, too, an empty canvas is only what it last heard of.
  if (!data.empty) state.full = true;
  else if (state.full) state.full = state.drawnOn = false;
  if (data.answered >= state.number) {
    state.pending = null;
    if (state.began === null) document.dispatchEvent(new CustomEvent("digit-lab-answered"));
  }
  return () => {
    const old = states.get(parentElement);
    old?.listening.abort();
    cancelAnimationFrame(old?.frame);
    states.delete(parentElement);
  };
}
