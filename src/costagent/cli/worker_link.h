// A worker's side of supervision: what it gets from its supervisor, and what it tells it.
//
// Four descriptors are agreed between the two. A worker is one process; its supervisor is its parent, which runs the
// same program file.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "costagent/api/worker_board.h"

namespace costagent {

struct WorkerDescriptors {
  static constexpr int kListener = 3;  // the socket that all accept from
  static constexpr int kControl = 4;   // a socket to the supervisor: what ends when one of the two does
  static constexpr int kBoard = 5;     // the memory that all share
  static constexpr int kErrors = 6;    // the supervisor's standard error, to be the worker's own once it serves
};

// What a worker says on the control socket, a byte each.
struct WorkerWords {
  static constexpr char kServes = 'r';
  static constexpr char kSign = '.';
  static constexpr char kStops = 's';  // somebody else than the supervisor told it to
};

class WorkerLink {
 public:
  // `4:0` is the worker of number 4 at place 0. To be called before any thread is started, as it decides which signals
  // threads get. Fails with `invalid` where a supervisor didn't start this process.
  static base::Result<WorkerLink> join(const std::string& name);

  unsigned number() const { return number_; }
  unsigned place() const { return place_; }
  // Until `tell_serving`: who serves has a copy by then, and the socket must not outlive it in this process.
  int listener() const { return WorkerDescriptors::kListener; }
  WorkerBoard& board() { return board_; }

  // It accepts connections now. What goes to standard error went to the supervisor as well until here, so that it can
  // tell why a worker couldn't start.
  void tell_serving();

  // Returns when it was told to stop, or the supervisor is gone; what it does then must take less than `bound`, or the
  // process is ended. Calls `lives` every second: a sign of life is given if that is true.
  void await_stop(const std::function<bool()>& lives, std::chrono::seconds bound);

 private:
  WorkerLink(unsigned number, unsigned place, WorkerBoard board)
      : number_(number), place_(place), board_(std::move(board)) {}
  void say(char word) const;

  unsigned number_;
  unsigned place_;
  WorkerBoard board_;
};

}  // namespace costagent
