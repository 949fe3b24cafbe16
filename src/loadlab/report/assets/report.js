// Draws the plots of a report from the summary that the page carries. No library, no network.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const HEIGHT = 150, LEFT = 52, RIGHT = 8, TOP = 8, BOTTOM = 20;
  const summary = JSON.parse(document.getElementById("summary").textContent);

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
    MB: (v) => round(v) + " MB",
    "MB/s": (v) => round(v) + " MB/s",
    "/s": (v) => round(v) + "/s",
    "": round,
  };

  // 1, 2 or 5 times a power of ten, so that about `count` steps reach `span`.
  const niceStep = (span, count) => {
    const raw = span / count, power = 10 ** Math.floor(Math.log10(raw));
    return power * ([1, 2, 5].find((n) => n * power >= raw * 0.999) || 10);
  };

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
    const top = Math.max(step, Math.ceil((most || 1) / step - 1e-9) * step);
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

  // One plot: { title, unit, lines: [{ name, values, colour, area }], labels, ticks }. Returns what a cursor needs.
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
    const cursor = element(svg, "line", { class: "cursor", y1: TOP, y2: TOP + tall, visibility: "hidden" });
    return { figure, svg, cursor, plot, x, width, format };
  };

  const caption = (figure, plot, index, format) => {
    const caption = figure.querySelector("figcaption");
    const title = document.createElement("b");
    title.textContent = plot.title + (index === null ? "" : ` · ${plot.labels(index)}`);
    const keys = document.createElement("span");
    for (const line of plot.lines) {
      const key = document.createElement("span");
      key.className = "key";
      const mark = document.createElement("i");
      mark.style.background = line.colour;
      const value = index === null ? null : line.values[index];
      key.append(mark, index === null ? line.name : `${line.name} ${value === null || value === undefined ? "—" : format(value)}`);
      keys.append(key);
    }
    caption.replaceChildren(title, keys);
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

  // What is plotted of each kind of probe: title, and the metrics that share a scale.
  const PROBE_PLOTS = {
    process: [
      ["Target's threads wait for a core", ["run_queue_wait"]],
      ["Target's busiest thread", ["busiest_thread"]],
      ["Target's descriptors and sockets", ["descriptors", "sockets_established", "sockets_close_wait"]],
      ["Target's threads", ["threads"]],
      ["Target's accept queue", ["accept_queue", "accept_queue_limit"]],
      ["Target's disk", ["disk_read", "disk_written"]],
    ],
    machine: [
      ["Machine's CPU", ["cpu", "busiest_core", "cpu_steal"]],
      ["Machine's pressure", ["pressure_cpu", "pressure_memory", "pressure_io"]],
      ["Connections lost", ["listen_overflows", "listen_drops", "retransmits"]],
    ],
    cgroup: [
      ["Group's CPU", ["cpu", "cpu_limit", "throttled"]],
      ["Group's memory", ["memory", "memory_limit"]],
      ["Group's pressure", ["pressure_cpu", "pressure_memory", "pressure_io"]],
    ],
    postgresql: [
      ["Database sessions", ["sessions", "sessions_active", "sessions_waiting", "sessions_idle_in_transaction", "max_connections"]],
      ["Database transactions", ["commits", "rollbacks"]],
      ["Database locks waited for", ["locks_waiting", "waits_lwlock", "waits_io"]],
      ["Database cache hits", ["cache_hit_ratio"]],
      ["Rows", ["live_rows", "dead_rows"]],
    ],
    pgbouncer: [
      ["Pool", ["clients_active", "clients_waiting", "servers_active", "servers_idle"]],
      ["Longest wait for the pool", ["longest_wait"]],
    ],
    redis: [
      ["Redis' commands", ["commands", "misses", "evictions"]],
      ["Redis' memory", ["memory", "memory_limit"]],
      ["Redis' clients", ["clients", "clients_blocked"]],
    ],
  };
  const LIMITS = ["accept_queue_limit", "cpu_limit", "memory_limit", "max_connections", "max_clients"];
  // Which plotted metric shows what may leak.
  const LEAKS_BY_METRIC = {
    process: { descriptors: "descriptors", threads: "threads", sockets_established: "connections" },
    postgresql: { sessions: "connections", live_rows: "rows" },
    redis: { clients: "connections" },
  };
  const COLOURS = ["var(--a)", "var(--b)", "var(--c)", "var(--d)", "var(--bad)"];
  const MOST_OWN_PLOTS = 12;  // of an endpoint: more than this nobody looks through

  // A probe samples at times of its own; each second takes the sample nearest to its end, if one is near.
  const atSeconds = (probe, values, series) => {
    const reach = 0.51 * Math.max(1, probe.interval_seconds), at = probe.at_seconds;
    const inGap = (time) => probe.gaps.some((gap) => gap.from_seconds < time && time <= gap.to_seconds);
    let i = 0;
    return series.map((s) => {
      const end = s.second + 1;
      while (i + 1 < at.length && Math.abs(at[i + 1] - end) <= Math.abs(at[i] - end)) ++i;
      if (!at.length || Math.abs(at[i] - end) > reach) return null;
      return values[i] !== null ? values[i] : inGap(at[i]) ? null : undefined;
    });
  };

  // The lines of what rises, each over the steady part that it was judged on.
  const leakLines = (test, series, judged) => (test.leaks || []).filter((leak) => judged(leak) && leak.verdict !== "none" && leak.to_seconds > leak.from_seconds).map((leak) => ({
    name: `${leak.resource}: ${leak.verdict}`, colour: "var(--bad)", dashes: "5 3",
    values: series.map((s) => {
      const end = s.second + 1;  // as the samples, which stand for a second's end
      if (end < leak.from_seconds || end > leak.to_seconds) return null;
      return leak.level_from + (leak.level_to - leak.level_from) * (end - leak.from_seconds) / (leak.to_seconds - leak.from_seconds);
    }),
  }));

  // Of an endpoint's metrics those that vary, a histogram's quantiles together.
  const ownPlots = (metrics) => {
    const byTitle = new Map();
    for (const { name } of metrics.filter((m) => m.min !== m.max)) {
      const title = name.replace(/_p(50|95|99)$/, "");
      byTitle.set(title, [...(byTitle.get(title) || []), name]);
    }
    return [...byTitle].slice(0, MOST_OWN_PLOTS);
  };

  const lineName = (title, metric) => metric.name === title ? (metric.kind === "rate" ? "a second" : "value")
    : metric.name.startsWith(title + "_") ? metric.name.slice(title.length + 1) : metric.name.replaceAll("_", " ");

  const probePlots = (test, series, plot) => {
    const plots = [];
    const several = (kind) => test.probes.filter((p) => p.probe === kind && p.part === null).length > 1;
    for (const probe of test.probes.filter((p) => p.part === null)) {
      const wanted = PROBE_PLOTS[probe.probe] || ownPlots(probe.metrics);
      for (const [title, names] of wanted) {
        const read = names.map((n) => probe.metrics.find((m) => m.name === n)).filter((m) => m && m.values.some((v) => v !== null));
        // A limit that is far away would flatten what it limits.
        const most = Math.max(...read.filter((m) => !LIMITS.includes(m.name)).map((m) => m.max || 0));
        const shown = read.filter((m) => !LIMITS.includes(m.name) || most > m.max / 4);
        if (!shown.length || shown.every((m) => m.values.every((v) => !v))) continue;
        const lines = shown.map((m, i) => ({ name: lineName(title, m), values: atSeconds(probe, m.values, series), colour: COLOURS[i] }));
        const resources = shown.map((m) => (LEAKS_BY_METRIC[probe.probe] || { [m.name]: m.name })[m.name]);
        lines.push(...leakLines(test, series, (leak) => leak.target === probe.label && resources.includes(leak.resource)));
        plots.push(plot(title + (several(probe.probe) ? ` of ${probe.label}` : ""), shown[0].unit, lines));
      }
      const parts = test.probes.filter((p) => p.part !== null && p.probe === probe.probe && p.label === probe.label);
      const lines = parts.map((part) => [part, part.metrics.find((m) => m.name === "cpu")]).filter(([, m]) => m).slice(0, COLOURS.length);
      if (lines.length > 1) {
        plots.push(plot(probe.probe === "process" ? "CPU by worker" : "CPU by core", "%", lines.map(([part, m], i) => (
          { name: part.part, values: atSeconds(part, m.values, series), colour: COLOURS[i] })), { least: 10 }));
      }
    }
    return plots;
  };

  const timePlots = (test) => {
    const series = test.series;
    const first = series[0].second, seconds = series[series.length - 1].second - first || 1;
    const positions = series.map((s) => (s.second - first) / seconds);
    const step = niceStep(Math.max(seconds, 1), 5);
    const ticks = [];
    for (let t = 0; t <= seconds; t += Math.max(1, step)) ticks.push([t / seconds, (first + t) + " s"]);
    const labels = (i) => `second ${series[i].second + 1}`;
    const column = (name) => series.map((s) => s[name]);
    const plot = (title, unit, lines, more) => ({ title, unit, positions, ticks, labels, lines, ...more });
    const line = (name, key, colour, area) => ({ name, values: column(key), colour, area });
    const has = (key) => column(key).some((v) => v !== null);
    const plots = [
      plot("Requests", "/s", [line("requests", "requests", "var(--a)", true)]),
      plot("Response time", "ms", [
        line("p50", "p50_response_time_ms", "var(--a)"), line("p95", "p95_response_time_ms", "var(--b)"),
        line("p99", "p99_response_time_ms", "var(--c)")], { mayBeLog: true }),
      plot("Errors", "/s", [line("errors", "errors", "var(--bad)", true)].concat(
        column("dropped_iterations").some((v) => v > 0) ? [line("dropped", "dropped_iterations", "var(--b)")] : [])),
      plot("Users", "", [line("at work", "concurrent_users", "var(--d)", true)]),
    ];
    if (has("cpu_percent")) plots.push(plot("Target's CPU", "%", [line("of the machine", "cpu_percent", "var(--a)", true)], { least: 10 }));
    if (has("memory_mb")) plots.push(plot("Target's memory", "MB", [line("resident", "memory_mb", "var(--c)", true), ...leakLines(test, series, (leak) => leak.resource === "memory")]));
    plots.push(...probePlots(test, series, plot));
    plots.push(plot("Send lag, the generator's own", "ms", [line("worst", "max_send_lag_ms", "var(--b)")], { mayBeLog: true }));
    return plots;
  };

  const distributionPlot = (test) => {
    const points = test.distribution;
    // Nines are equally far apart: 90 %, 99 %, 99.9 %.
    const position = (percent) => Math.min(1, -Math.log10(1 - Math.min(percent, 99.99) / 100) / 4);
    return {
      title: "Response time by share of requests", unit: "ms", mayBeLog: true,
      positions: points.map((p) => position(p[0])),
      ticks: [[0, "0 %"], [0.25, "90 %"], [0.5, "99 %"], [0.75, "99.9 %"], [1, "99.99 %"]],
      labels: (i) => `${points[i][0]} %`,
      lines: [{ name: "at most", values: points.map((p) => p[1]), colour: "var(--a)" }],
    };
  };

  const drawTest = (test, place) => {
    place.replaceChildren();
    const frame = (plot) => {
      const figure = document.createElement("figure");
      figure.appendChild(document.createElement("figcaption"));
      const svg = document.createElementNS(SVG, "svg");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", `${plot.title} of ${test.name}`);
      figure.appendChild(svg);
      place.appendChild(figure);
      return figure;
    };
    const overTime = timePlots(test).map((plot) => [frame(plot), plot]);
    const distribution = test.distribution.length > 1 ? [[frame(distributionPlot(test)), distributionPlot(test)]] : [];
    connect(overTime.map(([figure, plot]) => draw(figure, plot)));
    connect(distribution.map(([figure, plot]) => draw(figure, plot)));
  };

  const drawAll = () => {
    summary.tests.forEach((test, i) => {
      const place = document.getElementById(`plots-${i}`);
      if (place && test.series.length > 1) drawTest(test, place);
    });
  };
  drawAll();
  let pending = 0;
  addEventListener("resize", () => { cancelAnimationFrame(pending); pending = requestAnimationFrame(drawAll); });
})();
