// What the canvas component cannot be told from Python: see canvas_script.py.
// Other scripts of the page hear "digit-lab-stroke" on the document when a stroke begins, moves or ends.

const CLICKABLE =
  "a, button, input, textarea, select, summary, label, [data-baseweb], [data-testid=stSlider], " +
  "[role=slider], [role=switch], [role=option], [role=radio], [role=tab], [role=button]";
const cleanups = new WeakMap();

/** The parts of the canvas component inside its shadow root; undefined while it is not there. */
const findPartsOf = ({ key }) => {
  for (const element of document.querySelectorAll(`.st-key-${key} *`)) {
    const root = element.shadowRoot?.querySelector(".dc-root");
    if (root) {
      const upper = root.querySelector("canvas.upper-canvas");
      return { box: document.querySelector(`.st-key-${key}`), upper, toolbar: root.querySelector(".dc-toolbar") };
    }
  }
};

const press = (key) => document.querySelector(`.st-key-${key} button:not(:disabled)`)?.click();

export default function ({ data, parentElement }) {
  // Called again when the theme changes, for instance: there is one of it, as long as the canvas is the same.
  const before = cleanups.get(parentElement);
  if (before?.key === data.key) return before;
  before?.();
  const { width: WIDTH, height: HEIGHT } = data;
  const findParts = () => findPartsOf(data);
  const listening = new AbortController();
  const listen = (names, handler) => {
    for (const name of names) document.addEventListener(name, handler, { capture: true, signal: listening.signal });
  };
  let drawing = false;
  // Strokes that are not sent yet; the page says so, too, in its root's data-unsent.
  let waiting = null;

  // The stroke is sent at once; another script may ask for some time, because it has sent a picture already.
  const send = () => {
    clearTimeout(waiting);
    waiting = null;
    delete document.documentElement.dataset.unsent;
    findParts()?.toolbar?.querySelector("[aria-label='Update the app with this drawing']")?.click();
  };
  const tell = (phase) => {
    const detail = { phase, wait: 0 };
    document.dispatchEvent(new CustomEvent("digit-lab-stroke", { detail }));
    return detail.wait;
  };

  // The toolbar is hidden: it takes neither strokes nor the focus, and can still be pressed from here.
  const settle = () => {
    const found = findParts();
    if (!found) return;
    if (found.toolbar && found.toolbar.style.visibility !== "hidden") found.toolbar.style.visibility = "hidden";
    if (found.box.tabIndex !== 0) {
      found.box.tabIndex = 0;
      found.box.setAttribute("role", "application");
      found.box.setAttribute("aria-label", data.words);
    }
    fit(found.box);
  };

  // As large as its place is wide, and so high that the buttons below are seen, too; also the answer, if it is below.
  const fit = (box) => {
    const root = document.documentElement.style;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const top = box.getBoundingClientRect().top + (box.closest("[data-testid=stMain]")?.scrollTop ?? 0);
    const below = window.innerWidth <= 640 || WIDTH > HEIGHT ? 18 * rem : 5 * rem;
    const high = Math.max(window.innerHeight - top - below, 0.72 * HEIGHT);
    const zoom = Math.min(box.parentElement.clientWidth / WIDTH, high / HEIGHT).toFixed(3);
    if (root.getPropertyValue("--canvas-zoom") !== zoom) root.setProperty("--canvas-zoom", zoom);
  };

  const begin = (event) => {
    // Another button, or another finger beside the one that draws.
    if (event.button || event.touches?.length > 1) return;
    // The keyboard's pen ends its stroke where the mouse is pressed.
    if (pen.down && event.isTrusted) lift();
    settle();
    const found = findParts();
    drawing = found !== undefined && event.composedPath()[0] === found.upper;
    flush();
    if (drawing) tell("begin");
  };
  const move = () => drawing && tell("move");
  const flush = () => waiting !== null && send();
  const end = (event) => {
    if (!drawing || event.button || event.touches?.length > 0) return;
    drawing = false;
    // After the canvas's own handlers, which add the stroke to the drawing.
    waiting = setTimeout(send, tell("end"));
    document.documentElement.dataset.unsent = "";
  };
  listen(["mousedown", "touchstart"], begin);
  listen(["mousemove", "touchmove"], move);
  listen(["mouseup", "touchend", "touchcancel"], end);
  listen(["digit-lab-answered"], flush);

  // A pen that is lifted over a greyed button tells nobody, unless the canvas has captured it.
  let from = null;
  const capture = (found, event) => {
    try {
      found.upper.setPointerCapture(event.pointerId);
    } catch {
      // The pointer has gone meanwhile.
    }
  };
  listen(["pointerdown"], (event) => {
    const found = findParts();
    from = event.composedPath()[0];
    if (found && from === found.upper && event.pointerType !== "touch") capture(found, event);
  });
  // A stroke that begins beside the canvas begins where it enters.
  listen(["pointermove"], (event) => {
    if (drawing || event.pointerType === "touch" || !(event.buttons & 1) || !from) return;
    const found = findParts();
    if (!found || event.composedPath()[0] !== found.upper || from === found.upper) return;
    if (from instanceof Element && from.closest(CLICKABLE)) return;
    getSelection()?.removeAllRanges();
    capture(found, event);
    pointAt(found, "mousedown", event.clientX, event.clientY);
  });
  listen(["pointerup", "pointercancel"], () => (from = null));
  // The canvas itself hears of neither, and would draw on.
  const breakOff = () => {
    const found = findParts();
    if (drawing && found) pointAt(found, "mouseup", 0, 0);
  };
  listen(["pointercancel"], (event) => event.pointerType !== "touch" && breakOff());
  window.addEventListener("blur", breakOff, { signal: listening.signal });

  const pointAt = (found, name, clientX, clientY) => {
    const buttons = name === "mouseup" ? 0 : 1;
    const where = { clientX, clientY, button: 0, buttons, bubbles: true, composed: true, cancelable: true };
    found.upper.dispatchEvent(new MouseEvent(name, where));
  };

  // The keyboard's pen, in pixels of the canvas.
  const STEP = 5;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const pen = { x: WIDTH / 2, y: HEIGHT / 2, down: false, held: new Set(), timer: null };
  const mark = document.createElement("div");
  mark.setAttribute("aria-hidden", "true");
  mark.style.cssText =
    "position:fixed;width:18px;height:18px;margin:-9px 0 0 -9px;border-radius:50%;border:2px solid #8b8bf0;" +
    "pointer-events:none;z-index:1000;display:none;box-sizing:border-box";
  document.body.append(mark);
  const place = (found) => {
    const box = found.upper.getBoundingClientRect();
    return [box.left + (pen.x / WIDTH) * box.width, box.top + (pen.y / HEIGHT) * box.height];
  };
  const showPen = () => {
    const found = findParts();
    const focused = found && document.activeElement === found.box;
    mark.style.display = focused && pen.shown ? "block" : "none";
    if (!focused) return;
    const [left, top] = place(found);
    mark.style.left = `${left}px`;
    mark.style.top = `${top}px`;
    mark.style.background = pen.down ? "#8b8bf0" : "transparent";
  };
  const step = () => {
    const found = findParts();
    if (!found || pen.held.size === 0) return;
    for (const key of pen.held) {
      pen.x = Math.min(WIDTH, Math.max(0, pen.x + STEP * ARROWS[key][0]));
      pen.y = Math.min(HEIGHT, Math.max(0, pen.y + STEP * ARROWS[key][1]));
    }
    if (pen.down) pointAt(found, "mousemove", ...place(found));
    showPen();
  };
  const lift = () => {
    const found = findParts();
    if (pen.down && found) pointAt(found, "mouseup", ...place(found));
    pen.down = false;
    pen.held.clear();
    clearInterval(pen.timer);
    pen.timer = null;
    showPen();
  };
  const TYPED = "input:not([type=checkbox], [type=range], [type=radio]), textarea, select, [contenteditable]";
  const typing = (event) => event.composedPath()[0].closest?.(TYPED);

  listen(["keydown"], (event) => {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const found = findParts();
    if (!found || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (typing(event) || (key !== "z" && key !== "y")) return;
      event.preventDefault();
      if (pen.down) lift();
      if (drawing) return;
      flush();
      press(key === "y" || event.shiftKey ? "redo" : "undo");
      return;
    }
    if (document.activeElement !== found.box) return;
    if (key in ARROWS) {
      pen.shown = true;
      if (!pen.held.has(key)) {
        pen.held.add(key);
        step();
      }
      pen.timer ??= setInterval(step, 40);
    } else if (key === " ") {
      if (event.repeat) return event.preventDefault();
      pen.shown = true;
      pen.down = !pen.down;
      pointAt(found, pen.down ? "mousedown" : "mouseup", ...place(found));
      showPen();
    } else if (key === "z" || key === "y" || key === "Escape") {
      lift();
      if (drawing) return;
      flush();
      press({ z: "undo", y: "redo", Escape: "clear" }[key]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  listen(["keyup"], (event) => {
    pen.held.delete(event.key);
    if (pen.held.size === 0) {
      clearInterval(pen.timer);
      pen.timer = null;
    }
  });
  listen(["focusout"], (event) => event.target === findParts()?.box && (lift(), (pen.shown = false), showPen()));
  listen(["focusin", "scroll"], showPen);

  const looking = setInterval(settle, 200);
  window.addEventListener("resize", settle, { signal: listening.signal });
  settle();
  window.addEventListener("pagehide", () => flush(), { signal: listening.signal });
  const cleanup = () => {
    flush();
    cleanups.delete(parentElement);
    listening.abort();
    clearInterval(looking);
    clearInterval(pen.timer);
    mark.remove();
  };
  cleanup.key = data.key;
  cleanups.set(parentElement, cleanup);
  return cleanup;
}
