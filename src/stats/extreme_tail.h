// How rare a magnitude is, judged by the largest that came before it.
//
// Magnitudes come in blocks, of which only the largest counts, as neighbours in a series are no independent witnesses
// (declustering: Leadbetter 1983). Above the few largest blocks the tail is a power law (Hill 1975), whose steepness is
// not taken as known: with a gamma prior the predictive distribution of the next block is Lomax's, so that few or equal
// witnesses never make a tail that ends at the largest of them. The very largest is taken as censored at the second
// (Epstein and Sobel 1953): a single outlier would make all others look ordinary. A scale of the magnitudes changes
// nothing.
#pragma once

#include <cstddef>
#include <vector>

namespace stats {

// Memory and time a call: constant. Not thread-safe.
class ExtremeTail {
 public:
  explicit ExtremeTail(int block_size);

  // The surprise of `magnitude` (finite, at least 0) after all that was added: -ln of the chance that the largest of
  // a block reaches it. 0 for the ordinary, and while fewer than 4 blocks are known.
  double surprise(double magnitude) const;

  // Takes it in. Of streams without an end, the older half is counted at half its weight again and again.
  void add(double magnitude);

 private:
  void end_block();

  int block_size_;
  int in_block_ = 0;
  double block_largest_ = 0;
  double blocks_ = 0;
  std::vector<double> largest_;  // descending: the few largest blocks
  std::size_t kept_ = 0;         // of these, how many the tail rests on
  double threshold_ = 0;         // above which it begins
  double tied_ = 0;              // blocks at the threshold that found no place among the largest
  double log_excess_ = 0;        // the sum of the logarithms of those kept over the threshold
};

}  // namespace stats
