#include "loadlab/result/probe_metrics.h"

#include <algorithm>
#include <array>

namespace loadlab {
namespace {

constexpr auto kGauge = MetricKind::gauge;
constexpr auto kRate = MetricKind::rate;

constexpr auto kCatalogue = std::to_array<MetricForm>({
    {"process", "cpu", "%", kRate, "CPU, of the whole machine"},
    {"process", "cpu_user", "%", kRate, "its part in the program itself"},
    {"process", "cpu_system", "%", kRate, "its part in the kernel"},
    {"process", "memory", "MB", kGauge, "resident memory"},
    {"process", "pss", "MB", kGauge, "memory with shared pages divided among those who share them, every 30 s"},
    {"process", "peak_memory", "MB", kGauge, "the most resident memory each process has had, every 30 s"},
    {"process", "page_faults", "/s", kRate, "pages that were mapped when first touched"},
    {"process", "major_faults", "/s", kRate, "pages that had to come from a disk"},
    {"process", "threads", "", kGauge, "threads"},
    {"process", "processes", "", kGauge, "processes: the watched ones and all their children"},
    {"process", "voluntary_switches", "/s", kRate, "times that a thread began to wait"},
    {"process", "involuntary_switches", "/s", kRate, "times that a thread had to give way"},
    {"process", "descriptors", "", kGauge, "open descriptors"},
    {"process", "sockets_established", "", kGauge, "open TCP connections on the ports that it listens on"},
    {"process", "sockets_close_wait", "", kGauge, "of them, closed by the peer and not yet by the process"},
    {"process", "sockets_other", "", kGauge, "of them, in any other state that the process still holds"},
    {"process", "accept_queue", "", kGauge, "connections that wait to be accepted"},
    {"process", "accept_queue_limit", "", kGauge, "how many may wait"},
    {"process", "disk_read", "MB/s", kRate, "read from disks"},
    {"process", "disk_written", "MB/s", kRate, "written to disks"},
    {"process", "run_queue_wait", "%", kRate, "time that threads were ready and had no core, of the whole machine"},
    {"process", "busiest_thread", "%", kGauge, "time that its busiest thread was at work, or ready to be"},

    {"machine", "cpu", "%", kRate, "CPU in use by anybody, of all cores"},
    {"machine", "cpu_user", "%", kRate, "its part in programs"},
    {"machine", "cpu_system", "%", kRate, "its part in the kernel, interrupts too"},
    {"machine", "cpu_wait", "%", kRate, "idle while a disk was awaited"},
    {"machine", "cpu_steal", "%", kRate, "taken by other guests of the host"},
    {"machine", "busiest_core", "%", kRate, "the busiest core's own use"},
    {"machine", "load", "", kGauge, "threads at work or ready to, averaged over a minute"},
    {"machine", "memory_used", "MB", kGauge, "memory that is not available"},
    {"machine", "memory_available", "MB", kGauge, "memory that programs could still get"},
    {"machine", "swap_used", "MB", kGauge, "memory that was moved to a disk"},
    {"machine", "disk_read", "MB/s", kRate, "read from disks"},
    {"machine", "disk_written", "MB/s", kRate, "written to disks"},
    {"machine", "disk_busy", "%", kRate, "time in which the busiest disk had something to do"},
    {"machine", "network_received", "MB/s", kRate, "by all interfaces but the loopback"},
    {"machine", "network_sent", "MB/s", kRate, "by all interfaces but the loopback"},
    {"machine", "pressure_cpu", "%", kRate, "time in which somebody waited for a core"},
    {"machine", "pressure_memory", "%", kRate, "time in which somebody waited for memory"},
    {"machine", "pressure_io", "%", kRate, "time in which somebody waited for a disk"},
    {"machine", "retransmits", "/s", kRate, "TCP segments that were sent again"},
    {"machine", "listen_overflows", "/s", kRate, "connections refused as an accept queue was full"},
    {"machine", "listen_drops", "/s", kRate, "connections refused for any reason"},
    {"machine", "sockets_established", "", kGauge, "TCP sockets in use"},
    {"machine", "sockets_time_wait", "", kGauge, "ports that wait for late packets of closed connections"},
    {"machine", "ports_used", "%", kGauge, "TCP sockets in use or waiting, of the ports to connect from"},

    {"cgroup", "cpu", "%", kRate, "CPU, of the whole machine"},
    {"cgroup", "cpu_user", "%", kRate, "its part in programs"},
    {"cgroup", "cpu_system", "%", kRate, "its part in the kernel"},
    {"cgroup", "cpu_limit", "%", kGauge, "the CPU that it may use, of the whole machine"},
    {"cgroup", "throttled", "%", kRate, "time for which its threads were held back, of the whole machine"},
    {"cgroup", "throttled_periods", "/s", kRate, "periods in which it had used up its CPU"},
    {"cgroup", "memory", "MB", kGauge, "memory, the cache of files too"},
    {"cgroup", "memory_limit", "MB", kGauge, "the memory that it may use"},
    {"cgroup", "memory_anonymous", "MB", kGauge, "memory that no file stands behind"},
    {"cgroup", "memory_high_events", "/s", kRate, "times that it was slowed down for its use of memory"},
    {"cgroup", "out_of_memory_kills", "/s", kRate, "processes ended for want of memory"},
    {"cgroup", "disk_read", "MB/s", kRate, "read from disks"},
    {"cgroup", "disk_written", "MB/s", kRate, "written to disks"},
    {"cgroup", "pressure_cpu", "%", kRate, "time in which one of its threads waited for a core"},
    {"cgroup", "pressure_memory", "%", kRate, "time in which one of its threads waited for memory"},
    {"cgroup", "pressure_io", "%", kRate, "time in which one of its threads waited for a disk"},
    {"cgroup", "processes", "", kGauge, "processes and threads"},

    {"postgresql", "sessions", "", kGauge, "sessions of clients, the probe's own left out"},
    {"postgresql", "sessions_active", "", kGauge, "of them, at work on a statement"},
    {"postgresql", "sessions_idle", "", kGauge, "of them, without anything to do"},
    {"postgresql", "sessions_idle_in_transaction", "", kGauge, "of them, holding a transaction open and doing nothing"},
    {"postgresql", "sessions_waiting", "", kGauge, "of those at work, held up by a lock, a disk or another session"},
    {"postgresql", "waits_lock", "", kGauge, "of those, by a lock"},
    {"postgresql", "waits_lwlock", "", kGauge, "of those, by one of the server's own short locks"},
    {"postgresql", "waits_io", "", kGauge, "of those, by a disk"},
    {"postgresql", "max_connections", "", kGauge, "sessions that the server allows"},
    {"postgresql", "sessions_used", "%", kGauge, "sessions, of those allowed"},
    {"postgresql", "locks_waiting", "", kGauge, "locks that are waited for"},
    {"postgresql", "commits", "/s", kRate, "transactions that were committed"},
    {"postgresql", "rollbacks", "/s", kRate, "transactions that were rolled back"},
    {"postgresql", "rows_read", "/s", kRate, "rows that statements went through"},
    {"postgresql", "rows_returned", "/s", kRate, "rows that were fetched for statements"},
    {"postgresql", "rows_written", "/s", kRate, "rows inserted, updated or deleted"},
    {"postgresql", "cache_hit_ratio", "%", kGauge, "blocks found in the server's memory since the reading before"},
    {"postgresql", "deadlocks", "/s", kRate, "deadlocks that were broken"},
    {"postgresql", "temp_files", "/s", kRate, "sorts and joins that did not fit into memory"},
    {"postgresql", "temp_written", "MB/s", kRate, "written by those"},
    {"postgresql", "wal_written", "MB/s", kRate, "written to the write-ahead log"},
    {"postgresql", "checkpoints", "/s", kRate, "checkpoints"},
    {"postgresql", "dead_rows", "", kGauge, "rows that wait to be vacuumed"},
    {"postgresql", "live_rows", "", kGauge, "rows, as the server estimates them"},
    {"postgresql", "database_size", "MB", kGauge, "the database on disk, every 30 s"},
    {"postgresql", "queries", "/s", kRate, "statements, where pg_stat_statements counts them"},
    {"postgresql", "query_time", "%", kRate, "time spent in statements, of one session's: 200 % is two at once"},

    {"pgbouncer", "clients_active", "", kGauge, "clients that have a server connection or need none"},
    {"pgbouncer", "clients_waiting", "", kGauge, "clients that wait for a server connection"},
    {"pgbouncer", "servers_active", "", kGauge, "server connections that serve a client"},
    {"pgbouncer", "servers_idle", "", kGauge, "server connections that are free"},
    {"pgbouncer", "longest_wait", "ms", kGauge, "how long the first in the queue has waited"},

    {"redis", "clients", "", kGauge, "connected clients, the probe's own left out"},
    {"redis", "clients_blocked", "", kGauge, "of them, waiting in a blocking command"},
    {"redis", "max_clients", "", kGauge, "clients that the server allows"},
    {"redis", "memory", "MB", kGauge, "memory for data and buffers"},
    {"redis", "memory_limit", "MB", kGauge, "the memory that data may take; none where nothing limits it"},
    {"redis", "memory_resident", "MB", kGauge, "resident memory"},
    {"redis", "keys", "", kGauge, "keys in all databases"},
    {"redis", "commands", "/s", kRate, "commands"},
    {"redis", "hits", "/s", kRate, "look-ups that found their key"},
    {"redis", "misses", "/s", kRate, "look-ups that did not"},
    {"redis", "hit_ratio", "%", kGauge, "hits, of all look-ups since the reading before"},
    {"redis", "evictions", "/s", kRate, "keys removed for want of memory"},
    {"redis", "expirations", "/s", kRate, "keys removed as their time was over"},
    {"redis", "slow_commands", "/s", kRate, "commands that went into the slow log"},
    {"redis", "network_received", "MB/s", kRate, "from clients"},
    {"redis", "network_sent", "MB/s", kRate, "to clients"},
    {"redis", "cpu", "%", kRate, "CPU, of one core"},
});

}  // namespace

std::span<const MetricForm> metric_catalogue() { return kCatalogue; }

const MetricForm* find_metric(std::string_view probe, std::string_view name) {
  const auto found = std::find_if(kCatalogue.begin(), kCatalogue.end(),
                                  [&](const MetricForm& form) { return form.probe == probe && form.name == name; });
  return found == kCatalogue.end() ? nullptr : &*found;
}

}  // namespace loadlab
