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
  // Compared only.
  const MORE = [["dropped_iterations_per_second", "Dropped arrivals", "/s"], ["dropped_iterations", "Dropped arrivals", ""], ["bytes_per_second", "Bytes", "/s"]];
  const UNITS = Object.fromEntries([...FIGURES, ...MORE].map(([name, , unit]) => [name, unit]));
  const TITLES = Object.fromEntries([...FIGURES, ...MORE].map(([name, title]) => [name, title]));
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
  const heading = (text, width) => node("tr", { class: "family" }, node("th", { colspan: width, scope: "rowgroup" }, text));
  const table = (head, rows) => node("div", { class: "scroll" },
    node("table", {}, node("thead", {}, row("th", head)), node("tbody", {}, ...rows.map((cells) => cells instanceof Node ? cells : row("td", cells)))));
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
    if (column("cpu_percent").some((v) => v !== null)) found.push(plot("Target's CPU", "%", [line("used", "cpu_percent", "var(--a)", true)], { least: 10, full: 100, note: "% of the machine" }));
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

  // What is wrong, the worst first; a click on a test shows it.
  const MOST_REASONS = 12;
  const reasonLine = (one, run, tests) => {
    const at = run.tests.findIndex((test) => test.name === one.test);
    const link = at < 0 ? one.test : node("a", { href: `#run=${run.run}` }, one.test);
    if (at >= 0) link.onclick = (event) => { event.preventDefault(); tests.children[at].scrollIntoView({ behavior: "smooth" }); };
    const tone = one.severity === "warn" ? "warn" : ["error", "untrusted"].includes(one.kind) ? one.kind : "fail";
    const kind = tone === "warn" ? "warn" : one.kind === "verification" ? "not verified" : one.kind;
    const observed = one.kind === "threshold" && one.observed !== "nothing to measure" ? `${one.observed} observed` : one.observed;
    const said = [observed, one.limit && `the limit is ${one.limit}`, one.margin, one.text].filter(Boolean).join(", ");
    return node("li", {}, node("span", { class: `pill ${tone}` }, kind), " ", link,
      one.test ? ": " : "", one.what ? node(one.kind === "threshold" ? "code" : "span", {}, one.what) : "", one.what && said ? ": " : "", said);
  };
  const showReasons = (run, place, tests) => {
    const reasons = run.reasons || [];
    place.hidden = !reasons.length;
    const lines = (list) => node("ul", { class: "plain reasons" }, ...list.map((one) => reasonLine(one, run, tests)));
    const rest = reasons.slice(MOST_REASONS);
    place.replaceChildren(node("h2", {}, reasons.some((one) => one.severity === "fail") ? `Why the verdict is ${run.state}` : "What is only warned of"),
      lines(reasons.slice(0, MOST_REASONS)), ...(rest.length ? [node("details", {}, node("summary", {}, `${rest.length} more`), lines(rest))] : []));
  };

  const CHANGES = { better: "pass", worse: "fail", same: "", "can't tell": "" };
  const showComparison = (found, place) => {
    const rows = found.figures.filter((one) => one.change === "better" || one.change === "worse");
    // A difference, as a share of what was before where there is one.
    const by = (one, difference) => {
      const percent = (100 * difference / one.before).toFixed(1).replace(/^-0\.0$/, "0.0");
      return (difference > 0 && percent !== "0.0" ? "+" : "") + (one.before ? `${percent} %` : plots.format(difference, unitOf(one.figure)));
    };
    const cells = (one) => [titleOf(one.figure), plots.format(one.before, unitOf(one.figure)), plots.format(one.now, unitOf(one.figure)), by(one, one.difference),
      `${by(one, one.low)} … ${by(one, one.high)}`, by(one, one.detectable).replace("+", ""), node("span", { class: `pill ${CHANGES[one.change]}` }, one.change)];
    const head = ["", "before", "now", "difference", "95 % confidence interval", "detectable", ""];
    const figures = (list) => table(head, list.flatMap((one, i) => [...(i && list[i - 1].test === one.test ? [] : [heading(one.test, head.length)]), cells(one)]));
    const runs = table(["run", "verdict", "tests compared", "played", "started", "commit"], found.runs.map((one) => [
      node("a", { href: `#run=${one.run}` }, `run ${one.run}`), pill(one.state), String(one.tests), plots.format(1000 * one.seconds, "ms"), when(one.started), one.commit.slice(0, 12) || "—"]));
    const legend = "The difference lies within its confidence interval, which holds for all figures at once. Detectable is the smallest difference that four of five comparisons like this one would find.";
    place.replaceChildren(node("h2", {}, `Against the run${found.earlier.length > 1 ? "s" : ""} before (${found.earlier.join(", ")})`), runs,
      rows.length ? figures(rows) : node("p", {}, found.figures.length ? "Nothing is surely better or worse." : "Nothing could be compared."),
      ...(found.figures.length > rows.length ? [node("details", {}, node("summary", {}, `all ${found.figures.length} figures`), figures(found.figures))] : []),
      ...(found.figures.length ? [node("p", { class: "soft small" }, legend)] : []),
      ...found.notes.map((note) => node("p", { class: "soft small" }, note)));
    place.hidden = false;
  };

  const showRun = async (id) => {
    let run = await ask(`api/runs/${id}`);
    const tests = node("div", {}), comparison = card(), reasons = card();
    comparison.hidden = true;
    const head = () => title(`${run.suite || "Run"}, run ${run.run}`, [pill(run.state), ` ${when(run.started)}`,
      run.commit ? ` · ${run.commit}` : "", ` · ${run.machine} · `, node("a", { href: `#trend=${encodeURIComponent(run.suite)}` }, "trends")]);
    redraw = () => { head(); drawTests(run, tests); };
    redraw();
    showReasons(run, reasons, tests);
    page.replaceChildren(reasons, comparison, tests);
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
        lines: [{ name: "", values: figure.points.map((point) => point.value), colour: "var(--a)" }] };
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
