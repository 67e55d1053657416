// Fields as pictures: their colours, their histogram, the cross that is moved over them.

/** 256 colours as the words that an ImageData takes; greys until Python has sent a colour map. */
function paletteOf(bytes) {
  const words = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    const [r, g, b] = bytes.length >= 768 ? bytes.subarray(3 * i, 3 * i + 3) : [i, i, i];
    words[i] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return words;
}

const NO_VALUE = 0xff8c8c8c; // grey, which is none of the colours of a value

/** Where there may be no value, a byte of 0 is none; 1 is the lowest and 255 the highest. */
const shareOf = (byte) => (byte ? (byte - 1) / 254 : NaN);

/** One field: an image for two axes, lines for one; a cross where the pointer is. */
function makePicture(name, title, onPoint) {
  const canvas = h("canvas", { "data-frame": name, width: 1, height: 1, role: "img" });
  const plot = s("svg", { class: "cnn-plot", viewBox: "0 0 1000 1000", preserveAspectRatio: "none" });
  const across = h("i", { class: "cnn-cross" });
  const along = h("i", { class: "cnn-cross" });
  const empty = h("p", { class: "cnn-hint", hidden: true });
  const caption = h("figcaption", {}, title);
  const area = h("div", { class: "cnn-area" }, canvas, plot, empty, across, along);
  const box = h("figure", { class: "cnn-frame", "data-of": name }, caption, area);
  let size = [1, 1];

  /** The image keeps its aspect inside the area: where it starts and how large a pixel is. */
  function place() {
    const [high, wide] = size;
    if (!plot.hasAttribute("hidden")) return { x: 0, y: 0, px: area.clientWidth / wide, py: area.clientHeight };
    const px = Math.min(area.clientWidth / wide, area.clientHeight / high);
    return { x: (area.clientWidth - px * wide) / 2, y: (area.clientHeight - px * high) / 2, px, py: px };
  }
  area.addEventListener("pointermove", (event) => {
    const { x, y, px, py } = place();
    const from = area.getBoundingClientRect();
    const [row, column] = [Math.floor((event.clientY - from.top - y) / py), Math.floor((event.clientX - from.left - x) / px)];
    onPoint(row >= 0 && column >= 0 && row < size[0] && column < size[1] ? [row, column] : null);
  });
  area.addEventListener("pointerleave", () => onPoint(null));

  return {
    box, canvas, caption,
    image(bytes, high, wide, palette) {
      size = [high, wide];
      plot.setAttribute("hidden", "");
      canvas.hidden = false;
      if (canvas.width !== wide) canvas.width = wide;
      if (canvas.height !== high) canvas.height = high;
      const words = new Uint32Array(high * wide);
      for (let i = 0; i < words.length; i += 1) words[i] = palette[bytes[i]];
      canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(words.buffer), wide, high), 0, 0);
    },
    lines(series, wide, share = (byte) => byte / 255) {
      size = [1, wide];
      plot.removeAttribute("hidden");
      canvas.hidden = true;
      plot.replaceChildren(...series.map(([of, bytes]) => s("path", { "data-line": of,
        d: pathOf(Array.from(bytes, (byte, i) => [((i + 0.5) * 1000) / wide, 985 - share(byte) * 970])) })));
    },
    nothing(why) {
      writeOrHide(empty, why);
      if (why) {
        plot.setAttribute("hidden", "");
        canvas.hidden = true;
      }
    },
    mark(point) {
      across.hidden = along.hidden = !point || !empty.hidden;
      if (along.hidden) return;
      const { x, y, px, py } = place();
      along.style.cssText = `left:${x + (point[1] + 0.5) * px}px;top:${y}px;width:1px;height:${py * size[0]}px`;
      across.hidden = size[0] === 1;
      across.style.cssText = `left:${x}px;top:${y + (point[0] + 0.5) * py}px;width:${px * size[1]}px;height:1px`;
    },
  };
}

/** The colours with the values at their ends: of the field, and of the error on the same span. What
    stands above them shares their axis. */
function makeColourBar(withError, above = null) {
  const canvas = h("canvas", { width: 256, height: 1, role: "img", "aria-label": "colours" });
  const ends = [0, 1, 2, 3].map(() => h("span"));
  const scale = h("div", { class: "cnn-scale" }, ...(above ? [above] : []), canvas);
  const box = h("div", { class: "cnn-colours" }, ends[0], scale, ends[1]);
  if (withError) box.append(ends[2], ends[3]);
  return {
    box,
    draw(palette, low, high, told = [plain(low), plain(high)]) {
      canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(palette.slice().buffer), 256, 1), 0, 0);
      write(ends[0], told[0]);
      write(ends[1], told[1]);
      write(ends[2], "error 0");
      write(ends[3], plain(high - low));
    },
  };
}

/** How often values occur, from the lowest to the highest. */
function makeHistogram() {
  const bars = s("path");
  const title = s("title");
  const box = s("svg", { class: "cnn-histogram", preserveAspectRatio: "none", role: "img" }, title, bars);
  return {
    box,
    draw({ histogram: counts, low, high, ends, digits }) {
      box.toggleAttribute("hidden", !counts.length);
      const most = Math.max(...counts, 1);
      box.setAttribute("viewBox", `0 0 ${counts.length || 1} 100`);
      // What occurs at all can be seen, however seldom it is.
      bars.setAttribute("d", counts.map((count, i) => {
        const top = count ? Math.min(97, 100 - (100 * count) / most) : 100;
        return `M${i},100V${top.toFixed(1)}H${i + 1}V100Z`;
      }).join(""));
      const at = counts.indexOf(most);
      const edge = (i) => plain(low + (i / counts.length) * (high - low), digits);
      write(title, `Histogram of the values shown, from ${ends[0]} to ${ends[1]}; `
        + `most are between ${edge(at)} and ${edge(at + 1)}.`);
      box.setAttribute("aria-label", title.textContent);
    },
  };
}

/** Frames as stored: how many pixels, how the channels are named; a volume's slices are channels. */
function shapeOf({ size = [], channels = ["0"] }) {
  const slices = size.length > 2 ? total(size.slice(0, -2)) : 1;
  const [high, wide] = size.length === 1 ? [1, size[0]] : size.slice(-2);
  const sliced = (name) => Array.from({ length: slices }, (_, i) => `${name}, slice ${i}`);
  const names = slices === 1 ? channels : channels.flatMap(sliced);
  return { high, wide, pixels: high * wide, names, flat: size.length === 1 };
}

/** A place by its numbers in the data, of which the page may have one in some. */
const placeWords = ([row, column], flat, step = 1) => (flat ? `position ${column * step}` : `row ${row * step}, column ${column * step}`);

/** The pointer's keys: arrows move the cross over a field of this shape. */
function crossKeys(box, shape, current, onPoint) {
  box.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const known = shape();
    if (event.target !== box || !step || !known) return;
    event.preventDefault();
    const [row, column] = current() ?? [Math.floor(known.high / 2), Math.floor(known.wide / 2)];
    onPoint([clamp(row + step[0], 0, known.high - 1), clamp(column + step[1], 0, known.wide - 1)]);
  });
  box.addEventListener("blur", () => onPoint(null));
}
