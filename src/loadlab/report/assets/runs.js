// The page of loadlab serve: the runs, one of them with its seconds, and the trends of a suite. Asks only its own server.
(() => {
  "use strict";
  const page = document.getElementById("page");
  const FIGURES = [
    ["requests_per_second", "Requests", "/s"], ["error_rate_percent", "Errors", "%"],
    ["avg_response_time_ms", "Response time, mean", "ms"],
    ["p50_response_time_ms", "Response time, p50", "ms"], ["p95_response_time_ms", "Response time, p95", "ms"],
    ["p99_response_time_ms", "Response time, p99", "ms"], ["cpu_ms_per_request", "CPU a request", "ms"],
    ["cpu_time_ms", "CPU time", "ms"], ["real_time_ms", "Real time", "ms"], ["items_per_second", "Items", "/s"],
    ["avg_cpu_percent", "CPU", "%"], ["avg_memory_mb", "Memory, mean", "MB"], ["peak_memory_mb", "Memory, peak", "MB"],
  ];
  const UNITS = Object.fromEntries(FIGURES.map(([name, , unit]) => [name, unit]));
  const TITLES = Object.fromEntries(FIGURES.map(([name, title]) => [name, title]));
  // Of `workers=4: p95_response_time_ms`, too.
  const unitOf = (name) => UNITS[name.split(": ").pop()] ?? "";
  const titleOf = (name) => {
    const parts = name.split(": "), figure = parts.pop();
    return [...parts, TITLES[figure] || figure].join(": ");
  };
  const PAGE = 50;
  let live = null;  // the stream of a run that is being played
  let redraw = () => {};

  const node = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };
  const pill = (state) => node("span", { class: `pill ${state === "killed" ? "error" : state === "playing" ? "warn" : state}` }, state);
  const when = (text) => text.slice(0, 16).replace("T", " ") + " UTC";
  const row = (kind, cells) => node("tr", {}, ...cells.map((cell) => node(kind, {}, cell)));
  const table = (head, rows) => node("div", { class: "scroll" },
    node("table", {}, node("thead", {}, row("th", head)), node("tbody", {}, ...rows.map((cells) => row("td", cells)))));
  const card = (...children) => node("section", {}, ...children);
  const title = (text, below) => {
    document.title = `${text} · loadlab`;
    document.getElementById("title").textContent = text;
    document.getElementById("subtitle").replaceChildren(...(below || []));
  };
  const ask = async (path) => {
    const answer = await fetch(path);
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.message);
    return body;
  };

  const showRuns = async (suite) => {
    title(suite || "Runs", suite ? [node("a", { href: `#trend=${encodeURIComponent(suite)}` }, "trends of this suite")] : []);
    const place = card();
    const rows = [];
    const more = node("button", { type: "button" }, "older runs");
    const load = async () => {
      const before = rows.length ? `&before=${rows[rows.length - 1].run}` : "";
      const { runs } = await ask(`api/runs?limit=${PAGE}&suite=${encodeURIComponent(suite)}${before}`);
      rows.push(...runs);
      more.hidden = runs.length < PAGE;
      if (!rows.length) return place.replaceChildren(node("p", {}, "No run is remembered yet: loadlab run PLAN --history FILE."));
      place.replaceChildren(table(["run", "verdict", "started", "tests passed", "commit", "suite"], rows.map((run) => [
        node("a", { href: `#run=${run.run}` }, `run ${run.run}`), pill(run.state), when(run.started),
        `${run.tests.filter((test) => test.verdict === "pass").length} of ${run.tests.length}`, run.commit.slice(0, 12) || "—",
        node("a", { href: `#suite=${encodeURIComponent(run.suite)}` }, run.suite || "—"),
      ])), more);
    };
    more.onclick = load;
    await load();
    page.replaceChildren(place);
  };

  const overTime = (test) => {
    const blocks = test.blocks, first = blocks[0].begin, span = blocks[blocks.length - 1].begin - first || 1;
    const positions = blocks.map((block) => (block.begin - first) / span);
    const step = Math.max(1, plots.niceStep(span, 5)), ticks = [];
    for (let t = 0; t <= span; t += step) ticks.push([t / span, `${first + t} s`]);
    const labels = (i) => `second ${blocks[i].begin + 1}`;
    const column = (key) => blocks.map((block) => block[key]);
    const line = (name, key, colour, area) => ({ name, values: column(key), colour, area });
    const plot = (name, unit, lines, more) => ({ title: name, unit, positions, ticks, labels, lines, ...more });
    const found = [
      plot("Requests", "/s", [line("requests", "requests_per_second", "var(--a)", true)]),
      plot("Response time", "ms", [line("p50", "p50_response_time_ms", "var(--a)"), line("p95", "p95_response_time_ms", "var(--b)"),
        line("p99", "p99_response_time_ms", "var(--c)")], { mayBeLog: true }),
      plot("Errors", "/s", [line("errors", "errors_per_second", "var(--bad)", true)]),
      plot("Users", "", [line("at work", "users", "var(--d)", true)]),
    ];
    if (column("cpu_percent").some((v) => v !== null)) found.push(plot("Target's CPU", "%", [line("of the machine", "cpu_percent", "var(--a)", true)], { least: 10 }));
    if (column("memory_mb").some((v) => v !== null)) found.push(plot("Target's memory", "MB", [line("resident", "memory_mb", "var(--c)", true)]));
    return found;
  };

  const figuresOf = (test) => {
    const whole = test.figures.filter((figure) => figure.step === "");
    const steps = [...new Set(test.figures.map((figure) => figure.step))].filter((step) => step !== "");
    const names = FIGURES.map(([name]) => name).filter((name) => name !== "avg_memory_mb" && test.figures.some((figure) => figure.name === name));
    const cell = (step, name) => {
      const figure = test.figures.find((one) => one.step === step && one.name === name);
      return figure ? plots.format(figure.value, UNITS[name]) : "";
    };
    return whole.length || steps.length ? table(["", ...names.map((name) => TITLES[name].replace("Response time, ", ""))],
      [...(whole.length ? [""] : []), ...steps].map((step) => [step || "all steps", ...names.map((name) => cell(step, name))])) : null;
  };

  const drawTests = (run, place) => {
    place.replaceChildren(...run.tests.map((test) => {
      const state = test.verdict || (run.state === "playing" ? "playing" : "killed");
      return card(node("div", { class: "heading" }, node("h2", {}, test.name), pill(state)),
        node("p", { class: "soft" }, [test.load, test.failure].filter(Boolean).join(" · ")), figuresOf(test), node("div", { class: "plots" }));
    }));
    run.tests.forEach((test, i) => {
      if (test.blocks.length > 1) plots.show(place.children[i].querySelector(".plots"), overTime(test), test.name);
    });
  };

  const CHANGES = { better: "pass", worse: "fail", same: "", "can't tell": "" };
  const showComparison = (found, place) => {
    const rows = found.figures.filter((one) => one.change === "better" || one.change === "worse");
    const by = (one) => one.difference_percent === null ? plots.format(one.difference, unitOf(one.figure)) : `${one.difference > 0 ? "+" : ""}${plots.format(one.difference_percent, "%")}`;
    place.replaceChildren(node("h2", {}, `Against the runs before (${found.earlier.join(", ")})`),
      rows.length ? table(["test", "figure", "before", "now", "by", ""], rows.map((one) => [one.test, titleOf(one.figure),
        plots.format(one.before, unitOf(one.figure)), plots.format(one.now, unitOf(one.figure)), by(one),
        node("span", { class: `pill ${CHANGES[one.change]}` }, one.change)])) : node("p", {}, found.figures.length ? "Nothing is surely better or worse." : "Nothing could be compared."),
      ...found.notes.map((note) => node("p", { class: "soft small" }, note)));
    place.hidden = false;
  };

  const showRun = async (id) => {
    let run = await ask(`api/runs/${id}`);
    const tests = node("div", {}), comparison = card();
    comparison.hidden = true;
    const head = () => title(`${run.suite || "Run"}, run ${run.run}`, [pill(run.state), ` ${when(run.started)}`,
      run.commit ? ` · ${run.commit}` : "", ` · ${run.machine} · `, node("a", { href: `#trend=${encodeURIComponent(run.suite)}` }, "trends")]);
    redraw = () => { head(); drawTests(run, tests); };
    redraw();
    page.replaceChildren(comparison, tests);
    if (run.state !== "playing") {
      const found = await ask(`api/runs/${id}/comparison`).catch(() => null);
      if (found && found.earlier.length) showComparison(found, comparison);
      return;
    }
    live = new EventSource(`api/runs/${id}/live`);
    live.addEventListener("run", (event) => { run = JSON.parse(event.data); redraw(); if (run.state !== "playing") { live.close(); showRun(id); } });
    live.addEventListener("seconds", (event) => {
      for (const { test, blocks } of JSON.parse(event.data)) run.tests[test].blocks.push(...blocks);
      redraw();
    });
  };

  const showTrend = async (suite, wanted) => {
    title(`Trends of ${suite}`);
    const { machine, machines, tests } = await ask(`api/trends?suite=${encodeURIComponent(suite)}&machine=${encodeURIComponent(wanted)}`);
    // Figures of two machines make no one line.
    const others = machines.filter((one) => one !== machine).flatMap((one) => [" · also played on ",
      node("a", { href: `#trend=${encodeURIComponent(suite)}&machine=${encodeURIComponent(one)}` }, one)]);
    title(`Trends of ${suite}`, [machine ? `${machine} · ` : "", node("a", { href: `#suite=${encodeURIComponent(suite)}` }, "its runs"), ...others]);
    const plotOf = (figure) => {
      const last = Math.max(1, figure.points.length - 1);
      return { title: titleOf(figure.name), unit: unitOf(figure.name), positions: figure.points.map((_, i) => i / last),
        ticks: [[0, `run ${figure.points[0].run}`], [1, `run ${figure.points[figure.points.length - 1].run}`]],
        marks: figure.changes.map((i) => ({ position: i / last })),
        labels: (i) => `${figure.changes.includes(i) ? "new level: " : ""}run ${figure.points[i].run}${figure.points[i].commit ? ", " + figure.points[i].commit.slice(0, 12) : ""}`,
        lines: [{ name: "value", values: figure.points.map((point) => point.value), colour: "var(--a)" }] };
    };
    redraw = () => {
      page.replaceChildren(...tests.map((test) => card(node("h2", {}, test.name), node("div", { class: "plots" }))));
      tests.forEach((test, i) => test.figures.forEach((figure) => plots.show(page.children[i].querySelector(".plots"), [plotOf(figure)], test.name)));
    };
    redraw();
    if (!tests.length) page.replaceChildren(card(node("p", {}, "No run of this suite has come to its end yet, or none of its tests can be trusted.")));
  };

  const show = async () => {
    if (live) live.close();
    redraw = () => {};
    const asked = new URLSearchParams(location.hash.slice(1));
    try {
      await (asked.has("run") ? showRun(asked.get("run")) : asked.has("trend") ? showTrend(asked.get("trend"), asked.get("machine") || "") :
        showRuns(asked.get("suite") || ""));
    } catch (error) {
      page.replaceChildren(card(node("p", {}, `This can't be shown: ${error.message}`)));
    }
  };
  addEventListener("hashchange", show);
  let pending = 0;
  addEventListener("resize", () => { cancelAnimationFrame(pending); pending = requestAnimationFrame(() => redraw()); });
  show();
})();
