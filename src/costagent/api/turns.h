// The server's worker threads, and a request's way to one of them and back. For http_server.cc alone, as it brings
// Asio's templates.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/priority.h"
#include "costagent/api/admission.h"
#include "costagent/api/loop.h"
#include "costagent/api/metrics.h"

namespace costagent {

// A coroutine that waits, of whatever type its handler is.
class Resumption {
 public:
  virtual ~Resumption() = default;
  virtual void resume() = 0;  // in the coroutine's own loop; once
};

template <class Handler>
class ResumptionOf final : public Resumption {
 public:
  explicit ResumptionOf(Handler handler) : handler_(std::move(handler)) {}
  void resume() override {
    auto home = asio::get_associated_executor(handler_);
    asio::post(home, std::move(handler_));
  }

 private:
  Handler handler_;
};

// A request that waits or is worked on. Lies in the frame of its coroutine, which goes on when all is done with it.
class Visit final : public Admission::Ticket {
 public:
  Visit(Weight weight, base::Nanoseconds deadline, std::function<void()> what)
      : Ticket(weight, deadline), call(std::move(what)) {}

  const std::function<void()> call;
  std::unique_ptr<Resumption> resumption;
};

// Thread-safe, but for `look_after`. Clock and metrics must outlive it, and so must the loops whose coroutines wait
// here.
class Turns {
 public:
  // So many ask for health in detail at once; the next are refused.
  static constexpr std::size_t kProbes = 32;
  static constexpr std::chrono::seconds kProbeTimeout{1};

  Turns(const AdmissionOptions& options, const base::Clock& clock, Metrics& metrics)
      : clock_(clock), metrics_(metrics), admission_(options, clock) {
    for (unsigned i = 0; i < options.workers; ++i) {
      threads_.emplace_back([this] {
        base::give_way();
        run_on(work_);
      });
    }
    threads_.emplace_back([this] { run_on(probes_); });
    threads_.emplace_back([this] {
      base::give_way();
      run_on(aside_);
    });
  }

  // Whoever waits is refused, what has begun is done.
  ~Turns() {
    close();
    idle_work_.reset();
    idle_probes_.reset();
    idle_aside_.reset();
    for (std::thread& thread : threads_) thread.join();
  }

  // Waits for its turn, calls on a worker thread within the deadline, a moment of base::SystemClock, and goes on in its
  // own loop. Says why it was not called, if it was not.
  template <class Call>
  asio::awaitable<Refusal> take(Session& session, Weight weight, base::Nanoseconds deadline, const Call& call) {
    Visit visit(weight, deadline, std::cref(call));
    session.ticket = &visit;
    const auto initiate = [this, &visit](auto handler) {
      visit.resumption = std::make_unique<ResumptionOf<decltype(handler)>>(std::move(handler));
      metrics_.in_flight().Increment();
      act(admission_.enter(visit));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate, asio::use_awaitable);
    session.ticket = nullptr;
    co_return visit.refusal();
  }

  // Calls on a thread that has nothing else to do than such short questions, and is there whatever the load.
  template <class Call>
  asio::awaitable<Refusal> probe(const Call& call) {
    if (++probing_ > kProbes) {
      --probing_;
      metrics_.count_refused(Refusal::full);
      co_return Refusal::full;
    }
    const auto initiate = [this, &call](auto handler) {
      asio::post(probes_, [this, &call, resumption = ResumptionOf<decltype(handler)>(std::move(handler))]() mutable {
        {
          const base::DeadlineScope scope(clock_.monotonic() + kProbeTimeout);
          call();
        }
        --probing_;
        resumption.resume();
      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate, asio::use_awaitable);
    co_return Refusal::none;
  }

  // Calls on the thread for what may block and is nobody's turn: the writing down of what is uploaded.
  template <class Call>
  asio::awaitable<void> aside(const Call& call) {
    const auto initiate = [this, &call](auto handler) {
      asio::post(aside_, [&call, resumption = ResumptionOf<decltype(handler)>(std::move(handler))]() mutable {
        call();
        resumption.resume();
      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate, asio::use_awaitable);
  }

  // On the loop's thread, for as long as it runs: sends off whom waiting is of no use to any more.
  asio::awaitable<void> look_after(Loop& loop) {
    static constexpr std::chrono::milliseconds kWhenSomeWait{20};
    static constexpr std::chrono::milliseconds kElse{100};
    asio::steady_timer timer(loop.context);
    while (true) {
      const ServerLoad now = load();
      metrics_.tell_load(now);
      timer.expires_after(now.waiting > 0 ? kWhenSomeWait : kElse);
      co_await timer.async_wait(kAwait);
      act(admission_.sweep());
      for (Session& session : loop.sessions) {
        if (session.ticket != nullptr && session.left()) act(admission_.withdraw(*session.ticket));
      }
    }
  }

  void close() { act(admission_.close()); }

  ServerLoad load() const { return admission_.load(); }
  unsigned retry_after_s() { return admission_.retry_after_s(); }

 private:
  void act(const Admission::Moves& moves) {
    if (moves.begin != nullptr) {
      asio::post(work_, [this, visit = static_cast<Visit*>(moves.begin)] { work_on(*visit); });
    }
    for (Admission::Ticket* ticket : moves.refused) {
      metrics_.in_flight().Decrement();
      metrics_.count_refused(ticket->refusal());
      resume(*static_cast<Visit*>(ticket));
    }
  }

  void work_on(Visit& visit) {
    metrics_.observe_queue_wait(visit.waited());
    {
      const base::DeadlineScope scope(visit.deadline());
      visit.call();
    }
    metrics_.in_flight().Decrement();
    act(admission_.leave(visit));
    resume(visit);
  }

  // The coroutine may go on at once and take the visit with it.
  static void resume(Visit& visit) {
    const auto resumption = std::move(visit.resumption);
    resumption->resume();
  }

  const base::Clock& clock_;
  Metrics& metrics_;
  Admission admission_;
  asio::io_context work_;
  asio::io_context probes_{1};
  asio::io_context aside_{1};
  using Guard = asio::executor_work_guard<asio::io_context::executor_type>;
  Guard idle_work_{work_.get_executor()};
  Guard idle_probes_{probes_.get_executor()};
  Guard idle_aside_{aside_.get_executor()};
  std::atomic<std::size_t> probing_{0};
  std::vector<std::thread> threads_;
};

}  // namespace costagent
