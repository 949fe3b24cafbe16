// Chooses what is plotted of a report, from the summary that the page carries; plots.js draws it.
(() => {
  "use strict";
  const summary = JSON.parse(document.getElementById("summary").textContent);

  const cores = summary.machine.cores || 1;
  const PROBE_PLOTS = metrics.plotsOf(cores);
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
  const leakLines = (test, series, judged, times = 1) => (test.leaks || []).filter((leak) => judged(leak) && leak.verdict !== "none" && leak.to_seconds > leak.from_seconds).map((leak) => ({
    name: `${leak.resource}: ${leak.verdict}`, colour: "var(--bad)", dashes: "5 3",
    values: series.map((s) => {
      const end = s.second + 1;  // as the samples, which stand for a second's end
      if (end < leak.from_seconds || end > leak.to_seconds) return null;
      return times * (leak.level_from + (leak.level_to - leak.level_from) * (end - leak.from_seconds) / (leak.to_seconds - leak.from_seconds));
    }),
  }));

  const probePlots = (test, series, plot) => {
    const found = [];
    const several = (kind) => test.probes.filter((p) => p.probe === kind && p.part === null).length > 1;
    for (const probe of test.probes.filter((p) => p.part === null)) {
      const wanted = PROBE_PLOTS[probe.probe] || metrics.ownPlots(probe.metrics, cores).slice(0, MOST_OWN_PLOTS);
      for (const [title, named, { times = 1, ...more } = {}] of wanted) {
        const read = Object.keys(named).map((n) => probe.metrics.find((m) => m.name === n)).filter((m) => m && m.values.some((v) => v !== null));
        // A limit that is far away would flatten what it limits.
        const most = Math.max(...read.filter((m) => !LIMITS.includes(m.name)).map((m) => m.max || 0));
        const shown = read.filter((m) => !LIMITS.includes(m.name) || most > m.max / 4);
        if (!shown.length || shown.every((m) => m.values.every((v) => !v))) continue;
        const scaled = (values) => values.map((v) => v === null || v === undefined ? v : v * times);
        const lines = shown.map((m, i) => ({ name: named[m.name], raw: `${probe.probe}:${m.name}`, values: scaled(atSeconds(probe, m.values, series)), colour: COLOURS[i] }));
        const resources = shown.map((m) => (LEAKS_BY_METRIC[probe.probe] || { [m.name]: m.name })[m.name]);
        lines.push(...leakLines(test, series, (leak) => leak.target === probe.label && resources.includes(leak.resource), times));
        found.push(plot(title + (several(probe.probe) ? ` of ${probe.label}` : ""), more.unit ?? shown[0].unit, lines, more));
      }
      const parts = test.probes.filter((p) => p.part !== null && p.probe === probe.probe && p.label === probe.label);
      const lines = parts.map((part) => [part, part.metrics.find((m) => m.name === "cpu")]).filter(([, m]) => m).slice(0, COLOURS.length);
      if (lines.length > 1) {
        const by = probe.probe === "process" ? ["CPU by worker", "% of the machine"] : ["CPU by core", "% of each"];
        found.push(plot(by[0], "%", lines.map(([part, m], i) => (
          { name: part.part, raw: `${probe.probe}:cpu`, values: atSeconds(part, m.values, series), colour: COLOURS[i] })), { least: 10, full: 100, note: by[1] }));
      }
    }
    return found;
  };

  const timePlots = (test) => {
    const series = test.series;
    const first = series[0].second, seconds = series[series.length - 1].second - first || 1;
    const positions = series.map((s) => (s.second - first) / seconds);
    const step = plots.niceStep(Math.max(seconds, 1), 5);
    const ticks = [];
    for (let t = 0; t <= seconds; t += Math.max(1, step)) ticks.push([t / seconds, (first + t) + " s"]);
    const labels = (i) => `second ${series[i].second + 1}`;
    const column = (name) => series.map((s) => s[name]);
    const marks = (test.events || []).map((event) => ({ position: (event.seconds - first) / seconds, label: event.name }))
      .filter((mark) => mark.position >= 0 && mark.position <= 1);
    const plot = (title, unit, lines, more) => ({ title, unit, positions, ticks, labels, lines, marks, ...more });
    const line = (name, key, colour, area) => ({ name, values: column(key), colour, area });
    const has = (key) => column(key).some((v) => v !== null);
    const found = [
      plot("Requests", "/s", [line("requests", "requests", "var(--a)", true)]),
      plot("Response time", "ms", [
        line("p50", "p50_response_time_ms", "var(--a)"), line("p95", "p95_response_time_ms", "var(--b)"),
        line("p99", "p99_response_time_ms", "var(--c)")], { mayBeLog: true }),
      plot("Errors", "/s", [line("errors", "errors", "var(--bad)", true)].concat(
        column("dropped_iterations").some((v) => v > 0) ? [line("dropped", "dropped_iterations", "var(--b)")] : [])),
      plot("Users", "", [line("at work", "concurrent_users", "var(--d)", true)]),
    ];
    if (has("cpu_percent")) found.push(plot("Target's CPU", "%", [line("used", "cpu_percent", "var(--a)", true)], { least: 10, full: 100, note: "% of the machine" }));
    if (has("memory_mb")) found.push(plot("Target's memory", "MB", [line("resident", "memory_mb", "var(--c)", true), ...leakLines(test, series, (leak) => leak.resource === "memory")]));
    found.push(...probePlots(test, series, plot));
    found.push(plot("Send lag, the generator's own", "ms", [line("worst", "max_send_lag_ms", "var(--b)")], { mayBeLog: true }));
    return found;
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
    plots.show(place, timePlots(test), test.name);
    if (test.distribution.length > 1) plots.show(place, [distributionPlot(test)], test.name);
  };

  // By the points in the plan's order; those of a single numeric parameter as far apart as their numbers.
  const sweepPlots = (sweep) => {
    const points = sweep.points;
    const numbers = points.map((p) => Number(Object.values(p.parameters)[0]));
    const numeric = sweep.parameters.length === 1 && numbers.every((n) => Number.isFinite(n)) && numbers.every((n, i) => !i || n > numbers[i - 1]);
    const least = numeric ? numbers[0] : 0, most = numeric ? numbers[numbers.length - 1] : points.length - 1;
    const positions = points.map((p, i) => ((numeric ? numbers[i] : i) - least) / (most - least || 1));
    const short = (p) => Object.values(p.parameters).join(", ");
    // Labels that would stand upon each other are left out.
    const ticks = [];
    points.forEach((p, i) => { if (!ticks.length || positions[i] - ticks[ticks.length - 1][0] > 0.08) ticks.push([positions[i], short(p)]); });
    const values = (name, of) => points.map((p) => { const found = p.figures.find((f) => f.name === name); return found ? found[of] : null; });
    const plot = (title, unit, lines, more) => ({ title, unit, positions, ticks, labels: (i) => points[i].name, lines, ...more });
    const median = (name, figure, colour) => ({ name, values: values(figure, "median"), colour });
    const rate = [median("median", "requests_per_second", "var(--a)")];
    if (points.some((p) => p.runs > 1)) {
      rate.push({ name: "least", values: values("requests_per_second", "min"), colour: "var(--b)", dashes: "2 3" }, { name: "most", values: values("requests_per_second", "max"), colour: "var(--c)", dashes: "2 3" });
    }
    const law = sweep.scaling;
    if (law) {
      rate.push({ name: "scaling law", colour: "var(--d)", dashes: "5 3",
        values: numbers.map((n) => law.rate_of_one * n / (1 + law.sigma * (n - 1) + law.kappa * n * (n - 1))) });
    }
    return [
      plot("Requests", "/s", rate),
      plot("Response time", "ms", [median("p50", "p50_response_time_ms", "var(--a)"), median("p95", "p95_response_time_ms", "var(--b)"), median("p99", "p99_response_time_ms", "var(--c)")]),
      plot("Target's CPU", "%", [median("on average", "avg_cpu_percent", "var(--a)")], { full: 100, note: "% of the machine" }),
      plot("Target's memory", "MB", [median("at peak", "peak_memory_mb", "var(--c)")]),
    ].filter((one) => one.lines.some((line) => line.values.some((v) => v !== null)));
  };

  const drawAll = () => {
    summary.tests.forEach((test, i) => {
      const swept = document.getElementById(`sweep-${i}`);
      if (swept) { swept.replaceChildren(); plots.show(swept, sweepPlots(test.sweep), test.name); }
      const place = document.getElementById(`plots-${i}`);
      if (place && test.series.length > 1) drawTest(test, place);
    });
  };
  drawAll();
  let pending = 0;
  addEventListener("resize", () => { cancelAnimationFrame(pending); pending = requestAnimationFrame(drawAll); });
})();
