// The Universal Scalability Law: how throughput grows with what is added, and where it stops.
//
// X(N) = rate_of_one · N / (1 + sigma·(N − 1) + kappa·N·(N − 1)); sigma is what must be done by one at a time (Amdahl's
// law is kappa = 0), kappa what each has to agree with each other about (N. J. Gunther, "A simple capacity model of
// massively parallel transaction systems", CMG 1993; "Guerrilla Capacity Planning", 2007, ch. 4–6).
#pragma once

#include <optional>
#include <span>

namespace stats {

struct ScalingPoint {
  double size = 0;  // N: workers, nodes, users; above 0
  double rate = 0;  // X: throughput; above 0
};

struct ScalabilityLaw {
  double rate_of_one = 0;
  double sigma = 0;
  double kappa = 0;
  double worst_error = 0;  // of a point: how far its rate is from the law's, as a share of its rate

  double rate_at(double size) const;
  // The size beyond which the rate falls, √((1 − sigma) / kappa); none where it never does.
  std::optional<double> best_at() const;
};

// By least squares of N/X, which is linear in the law's terms; sigma and kappa are kept at 0 where they would be less.
// None of fewer than three sizes, or where the points fit no such law.
std::optional<ScalabilityLaw> fit_scalability(std::span<const ScalingPoint> points);

}  // namespace stats
