// What of the probes is plotted, and how it is named for people. A metric's own name stays beside it.
const metrics = (() => {
  "use strict";
  // Of each kind of probe: title, the metrics that share a scale with what each of them is called, and more of the plot:
  // `note` is what the title is in, `full` what 100 % of it is, and `unit` and `times` what the values are turned into.
  const plotsOf = (cores) => ({
    process: [
      ["Target's threads that wait for a core", { run_queue_wait: "waiting" }, { note: "on average", unit: "", times: cores / 100 }],
      ["Target's busiest thread", { busiest_thread: "at work, or ready to be" }, { note: "% of one core", full: 100 }],
      ["Target's descriptors and sockets", { descriptors: "descriptors", sockets_established: "open connections", sockets_close_wait: "closed by the peer alone" }],
      ["Target's threads", { threads: "threads" }],
      ["Target's accept queue", { accept_queue: "waiting", accept_queue_limit: "limit" }],
      ["Target's disk", { disk_read: "read", disk_written: "written" }],
    ],
    machine: [
      ["Machine's CPU", { cpu: "all cores", busiest_core: "the busiest one, of itself", cpu_steal: "taken by other guests" }, { note: "%", full: 100 }],
      ["Somebody waits", { pressure_cpu: "for a core", pressure_memory: "for memory", pressure_io: "for a disk" }, { note: "% of the time", full: 100 }],
      ["TCP losses", { listen_overflows: "accept queue full", listen_drops: "refused", retransmits: "sent again" }],
    ],
    cgroup: [
      ["Group's CPU", { cpu: "used", cpu_limit: "limit", throttled: "held back" }, { note: "% of the machine" }],
      ["Group's memory", { memory: "used", memory_limit: "limit" }],
      ["The group waits", { pressure_cpu: "for a core", pressure_memory: "for memory", pressure_io: "for a disk" }, { note: "% of the time", full: 100 }],
    ],
    postgresql: [
      ["Database sessions", { sessions: "all", sessions_active: "at work", sessions_waiting: "held up", sessions_idle_in_transaction: "idle in a transaction", max_connections: "limit" }],
      ["Database transactions", { commits: "committed", rollbacks: "rolled back" }],
      ["What database sessions wait for", { locks_waiting: "locks", waits_lwlock: "the server's short locks", waits_io: "a disk" }],
      ["Database blocks found in memory", { cache_hit_ratio: "found" }, { note: "%", full: 100 }],
      ["Database rows", { live_rows: "live", dead_rows: "to be vacuumed" }],
    ],
    pgbouncer: [
      ["Pool", { clients_active: "clients served", clients_waiting: "clients waiting", servers_active: "servers at work", servers_idle: "servers free" }],
      ["Wait for the pool", { longest_wait: "longest" }],
    ],
    redis: [
      ["Redis's commands", { commands: "commands", misses: "keys not found", evictions: "keys evicted" }],
      ["Redis's memory", { memory: "used", memory_limit: "limit" }],
      ["Redis's clients", { clients: "connected", clients_blocked: "blocked" }],
    ],
  });

  // Programs whose metrics are not their application's: the first word of their names says whose they are.
  const COMMON = ["process", "go", "jvm", "python", "nodejs", "dotnet", "promhttp", "exposer", "scrape"];
  const WORDS = { http: "HTTP", cpu: "CPU", db: "database", sqlite: "SQLite", wal: "write-ahead log", fds: "descriptors", gc: "garbage collection", io: "I/O", tcp: "TCP",
    tls: "TLS", grpc: "gRPC", sql: "SQL", api: "API", jvm: "JVM", rss: "resident memory" };

  // The name of the application, which stands before most of its metrics; empty where there is none.
  const prefixOf = (names) => {
    const counts = new Map();
    const own = names.map((name) => name.split("_")[0]).filter((word) => !COMMON.includes(word));
    for (const word of own) counts.set(word, (counts.get(word) || 0) + 1);
    const [word, count] = [...counts].sort((a, b) => b[1] - a[1])[0] || ["", 0];
    return count > 1 && count > own.length / 2 ? `${word}_` : "";
  };

  const spoken = (name) => {
    const words = name.split("_").filter(Boolean).map((word) => WORDS[word] || word);
    const text = words.join(" ");
    return text.charAt(0).toUpperCase() + text.slice(1);
  };
  const withNoun = (name, noun, known) => known.test(name) ? name : `${name}_${noun}`;
  const times = (name) => withNoun(name, "time", /(time|duration|latency|wait|lag|age|delay|lease)(_max)?$/);
  const sizes = (name) => withNoun(name, "size", /(memory|size|heap|stack)$/);

  // By the customs of Prometheus' names: what it is about, and what its values are in.
  const formOf = (name, rate, cores) => {
    if (rate && /_count$/.test(name)) return { about: name.replace(/(_seconds|_milliseconds|_bytes)?_count$/, "").replace(/_(duration|time|latency)$/, ""), unit: "/s", note: "how many a second" };
    const base = name.replace(/_total$/, "").replace(rate ? /_sum$/ : /$^/, "");
    const [, about, ending, max = ""] =
      /^(.+?)_(cpu_seconds|timestamp_seconds|start_time_seconds|seconds|milliseconds|ms|bytes|ratio|percent)(_max)?$/.exec(base) || [base, base, ""];
    const is = (unit, factor, note, more) => ({ about: about + max, unit, times: factor, note, ...more });
    switch (ending) {
      case "cpu_seconds": return rate ? is("%", 100, "% of one core", { about: `${about}_cpu`, full: 100 * cores }) : is("ms", 1000, "", { about: `${about}_cpu_time` });
      case "timestamp_seconds":
      case "start_time_seconds": return is("", 1, "seconds since 1970", { about: `${about}_${ending.replace("_seconds", "")}` });
      case "seconds": return rate ? is("", 1, "seconds a second", { about: times(about) }) : is("ms", 1000, "", { about: times(about) + max });
      case "milliseconds":
      case "ms": return rate ? is("", 0.001, "seconds a second", { about: times(about) }) : is("ms", 1, "", { about: times(about) + max });
      case "bytes": return rate ? is("MB/s", 1e-6, "") : is("MB", 1e-6, "", { about: sizes(about) + max });
      case "ratio": return rate ? { about: base, unit: "/s" } : is("%", 100, "%", { about: `${about}_ratio${max}` });
      case "percent": return rate ? { about: base, unit: "/s" } : is("%", 1, "%");
      default: return { about: base, unit: rate ? "/s" : "" };
    }
  };

  // Of an endpoint's own metrics those that vary, a histogram's quantiles together and without its sum: [title, {metric:
  // what it is called}, more of the plot].
  const ownPlots = (list, cores) => {
    const prefix = prefixOf(list.map((metric) => metric.name));
    const byName = new Map(), all = new Set(list.map((metric) => metric.name));
    for (const metric of list.filter((one) => one.min !== one.max && !(one.name.endsWith("_sum") && all.has(one.name.replace(/_sum$/, "_p50"))))) {
      const [, name, quantile] = /^(.*?)(?:_(p50|p95|p99))?$/.exec(metric.name);
      const plot = byName.get(name) || { named: {}, rate: metric.kind === "rate", raw: name };
      plot.named[metric.name] = quantile || "";
      byName.set(name, plot);
    }
    return [...byName].map(([name, { named, rate, raw }]) => {
      const { about, ...form } = formOf(name, rate, cores);
      return [spoken(about.startsWith(prefix) && about !== prefix ? about.slice(prefix.length) : about), named, { ...form, raw }];
    });
  };

  return { plotsOf, ownPlots };
})();
