// Draws plots that share a cursor. No library, no network.
const plots = (() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const HEIGHT = 150, LEFT = 52, RIGHT = 8, TOP = 8, BOTTOM = 20;

  const element = (parent, name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  };

  const round = (value) => value === 0 ? "0" : Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(3));
  const FORMATS = {
    ms: (v) => v === 0 ? "0" : v < 1 ? round(v * 1000) + " µs" : v < 1000 ? round(v) + " ms" : round(v / 1000) + " s",
    "%": (v) => round(v) + " %",
    MB: (v) => Math.abs(v) >= 999.5 ? round(v / 1000) + " GB" : round(v) + " MB",
    "MB/s": (v) => round(v) + " MB/s",
    "/s": (v) => round(v) + "/s",
    "": round,
  };

  // 1, 2 or 5 times a power of ten, so that about `count` steps reach `span`.
  const niceStep = (span, count) => {
    const raw = span / count, power = 10 ** Math.floor(Math.log10(raw));
    return power * ([1, 2, 5].find((n) => n * power >= raw * 0.999) || 10);
  };

  // What a plot is in, where its ticks don't say it.
  const NOTES = { "/s": "a second" };

  const known = (values) => values.filter((v) => v !== null && v !== undefined);

  // Values spread over more than two powers of ten are readable only on a logarithmic scale; zeros have no place there.
  const verticalScale = (plot) => {
    const all = known(plot.lines.flatMap((line) => line.values));
    const most = Math.max(...all, plot.least || 0);
    const positive = all.filter((v) => v > 0);
    const low = Math.min(...positive);
    if (plot.mayBeLog && positive.length === all.length && most / low > 100) {
      const from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(most));
      const ticks = [];
      const every = Math.ceil((to - from) / 4);
      for (let p = from; p <= to; p += every) ticks.push(10 ** p);
      return { ticks, at: (v) => (Math.log10(v) - from) / (to - from) };
    }
    const step = niceStep(most || 1, 3);
    const whole = Math.max(step, Math.ceil((most || 1) / step - 1e-9) * step);
    // Readings may be a little over what there is; a scale that went on would say that there is more.
    const top = plot.full && most < 1.1 * plot.full ? Math.min(whole, plot.full) : whole;
    const ticks = [];
    for (let v = 0; v <= top * 1.0001; v += step) ticks.push(v);
    return { ticks, at: (v) => v / top };
  };

  // A gap is null and interrupts the line; what is read more seldom is undefined between, and does not.
  const linePath = (values, x, y) => {
    let path = "", open = false;
    values.forEach((value, i) => {
      if (value === undefined) return;
      if (value === null) { open = false; return; }
      path += `${open ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
      open = true;
    });
    return path;
  };

  // The next value that was read, or null where a gap or an end comes first.
  const beside = (values, i, step) => {
    do i += step; while (i >= 0 && i < values.length && values[i] === undefined);
    return values[i] ?? null;
  };

  // One plot: { title, note, raw, unit, full, lines: [{ name, raw, values, colour, area }], labels, ticks, marks }: the note is what it is
  // in, `full` the most that there is, and `raw` the metric's own name. Returns what a cursor needs.
  const draw = (figure, plot) => {
    const svg = figure.querySelector("svg");
    svg.replaceChildren();
    const width = Math.max(svg.clientWidth, 200);
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const inner = width - LEFT - RIGHT, tall = HEIGHT - TOP - BOTTOM;
    const count = plot.positions.length;
    const x = (i) => LEFT + inner * plot.positions[i];
    const scale = verticalScale(plot);
    const y = (v) => TOP + tall * (1 - Math.min(1, Math.max(0, scale.at(v))));
    const format = FORMATS[plot.unit] || FORMATS[""];
    for (const tick of scale.ticks) {
      element(svg, "line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) });
      element(svg, "text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, format(tick));
    }
    for (const [position, label] of plot.ticks) {
      element(svg, "text", { x: LEFT + inner * position, y: HEIGHT - 4, "text-anchor": position > 0.95 ? "end" : position < 0.05 ? "start" : "middle" }, label);
    }
    element(svg, "line", { class: "axis", x1: LEFT, x2: width - RIGHT, y1: y(scale.ticks[0]), y2: y(scale.ticks[0]) });
    for (const line of plot.lines) {
      const path = linePath(line.values, x, y);
      if (line.area && path && !line.values.some((v) => v === null || v === undefined)) {
        element(svg, "path", { d: `${path}L${x(count - 1)} ${TOP + tall}L${x(0)} ${TOP + tall}Z`, fill: "var(--area)" });
      }
      element(svg, "path", { d: path, fill: "none", stroke: line.colour, "stroke-width": 1.7, "stroke-linejoin": "round", "stroke-dasharray": line.dashes || "none" });
      // A value between two gaps has no line of its own.
      line.values.forEach((value, i) => {
        if (value === null || value === undefined) return;
        const alone = beside(line.values, i, -1) === null && beside(line.values, i, 1) === null;
        if (alone) element(svg, "circle", { cx: x(i), cy: y(value), r: 2, fill: line.colour });
      });
    }
    (plot.marks || []).forEach(({ position, label }, i) => {
      const mark = element(svg, "line", { class: "mark", x1: LEFT + inner * position, x2: LEFT + inner * position, y1: TOP, y2: TOP + tall });
      if (!label) return;
      element(mark, "title", {}, label);
      // Those that come soon after each other stand below each other.
      const atEnd = position > 0.6;
      element(svg, "text", { x: LEFT + inner * position + (atEnd ? -4 : 4), y: TOP + 9 + 12 * (i % 3), "text-anchor": atEnd ? "end" : "start" },
        label.length > 28 ? label.slice(0, 27) + "…" : label);
    });
    const cursor = element(svg, "line", { class: "cursor", y1: TOP, y2: TOP + tall, visibility: "hidden" });
    return { figure, svg, cursor, plot, x, width, format };
  };

  const caption = (figure, plot, index, format) => {
    const caption = figure.querySelector("figcaption");
    const part = (name, text) => { const made = document.createElement(name); made.textContent = text; return made; };
    const title = document.createElement("span");
    const note = plot.note ?? NOTES[plot.unit] ?? "";
    title.append(part("b", plot.title), note ? ` ${note}` : "", index === null ? "" : part("b", ` · ${plot.labels(index)}`));
    const keys = document.createElement("span");
    keys.className = "keys";
    for (const line of plot.lines) {
      if (!line.name && index === null) continue;  // one alone needs no name, but has a value
      const key = document.createElement("span");
      key.className = "key";
      if (line.raw) key.title = line.raw;
      const mark = document.createElement("i");
      mark.style.background = line.colour;
      const value = index === null ? null : line.values[index];
      key.append(mark, index === null ? line.name : `${line.name ? line.name + " " : ""}${value === null || value === undefined ? "—" : format(value)}`);
      keys.append(key);
    }
    caption.replaceChildren(title, keys, ...(plot.raw ? [part("code", plot.raw)] : []));
  };

  // All plots of a test share one cursor where they share the time axis.
  const connect = (drawn) => {
    const point = (index) => {
      for (const one of drawn) {
        caption(one.figure, one.plot, index, one.format);
        one.cursor.setAttribute("visibility", index === null ? "hidden" : "visible");
        if (index !== null) {
          one.cursor.setAttribute("x1", one.x(index));
          one.cursor.setAttribute("x2", one.x(index));
        }
      }
    };
    point(null);
    for (const one of drawn) {
      one.svg.onpointermove = (event) => {
        const box = one.svg.getBoundingClientRect();
        const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
        let best = 0;
        one.plot.positions.forEach((p, i) => { if (Math.abs(p - share) < Math.abs(one.plot.positions[best] - share)) best = i; });
        point(best);
      };
      one.svg.onpointerleave = () => point(null);
    }
  };

  // Draws plots of one axis below each other in a place, with one cursor. `of`: what they are of, for who can't see them.
  const show = (place, list, of) => {
    const drawn = list.map((plot) => {
      const figure = document.createElement("figure");
      figure.appendChild(document.createElement("figcaption"));
      const svg = document.createElementNS(SVG, "svg");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", `${plot.title} of ${of}`);
      figure.appendChild(svg);
      place.appendChild(figure);
      return [figure, plot];
    });
    connect(drawn.map(([figure, plot]) => draw(figure, plot)));
  };

  return { niceStep, show, format: (value, unit) => (FORMATS[unit] || FORMATS[""])(value) };
})();
