// A distribution of recorded values: an HdrHistogram with the statistics of Node's Histogram
// classes (nodejs.org/api/perf_hooks.html). Clones of a histogram share one object, also between
// threads: all public functions are thread-safe.
#pragma once

#include <hdr/hdr_histogram.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace kiln::runtime {

// Values are integers without a unit of their own; nanoseconds in Node's histograms. They are
// counted in buckets, so statistics have a relative error of at most 10^-figures. Shared by its
// handles, and deleted with the last.
class Distribution {
 public:
  struct Options {
    // The range of values, as hdr_init() of HdrHistogram requires it: at least 1, and `highest` at
    // least twice `lowest`.
    int64_t lowest = 1;
    int64_t highest = INT64_MAX;
    int figures = 3;        // significant decimal digits, 1 to 5
    double half_life = 0;   // of the moving averages, in number of values; 0 disables them
    int64_t threshold = 0;  // larger values count as errors in EwmaErrorRate(); 0: none do
  };
  // Null if HdrHistogram rejects the options.
  static std::shared_ptr<Distribution> Make(const Options& options);
  ~Distribution();
  Distribution(const Distribution&) = delete;

  // Record one value; false if HdrHistogram cannot record it, which is counted by Exceeds().
  bool Record(int64_t value);
  // Records the nanoseconds since the previous call; the first records nothing.
  void RecordDelta();
  // Also records the values that were missed while a longer value was measured, at the expected
  // interval (hdr_record_corrected_value()).
  bool RecordCorrected(int64_t value, int64_t expected_interval);
  // Add or subtract all values of `other`; return the number of values for which that was
  // impossible, because they are out of range or this has fewer. Moving averages do not change.
  double Add(const Distribution& other);
  double Subtract(const Distribution& other);
  // As if newly made, with the same options.
  void Reset();

  // ---- Statistics that are one number. Percentiles are 0 to 100.
  int64_t Count() const;
  // Number of values that were out of range.
  int64_t Exceeds() const;
  // Without values: INT64_MAX and 0, as in HdrHistogram.
  int64_t Min() const;
  int64_t Max() const;
  double Mean() const;
  double Stddev() const;
  // The largest value of the first bucket at whose end `percentile` percent of the values are
  // reached.
  int64_t Percentile(double percentile) const;
  // 0 for fewer than three or four values, or if all are equal. Of the population, not estimated.
  double Skewness() const;
  // Excess kurtosis: 0 for a normal distribution.
  double Kurtosis() const;
  // The part of the values in the bucket of `value` and those before it, 0 to 1; 0 if there are
  // none.
  double Cdf(int64_t value) const;
  // Number of values in the bucket of `value`.
  int64_t CountAt(int64_t value) const;
  // Exponentially weighted moving averages (Options::half_life); 0 without values, or if they are
  // disabled. The error rate is 0 to 1.
  double EwmaMean() const;
  double EwmaStddev() const;
  double EwmaErrorRate() const;

  // ---- Lists of pairs, in ascending order: a percentile and a value, or a value and a count.
  // Percentiles() has one pair for each halving of the distance to 100.
  using Pairs = std::vector<std::pair<double, int64_t>>;
  Pairs Percentiles() const;
  Pairs PercentilesAt(const std::vector<double>& percentiles) const;
  // Buckets of the width `step`; buckets whose widths grow by the factor `base`, from `first` on.
  // Counts are of one bucket, not cumulative.
  Pairs LinearBuckets(int64_t step) const;
  Pairs LogBuckets(int64_t first, double base) const;
  // [value, lower bound, upper bound] of a percentile; `confidence` is 0 to 1, exclusive. All three
  // are equal for fewer than two values.
  std::array<int64_t, 3> PercentileInterval(double percentile, double confidence) const;

  // ---- Comparisons of two distributions
  // The largest distance of the two distribution functions, 0 to 1; 0 if one has no values.
  double KolmogorovSmirnov(const Distribution& other) const;
  // Welch's t-test: [t, degrees of freedom, p (two-sided), lower and upper bound of the difference
  // of the means]. [0, 0, 1, 0, 0] if one has fewer than two values, or nothing varies.
  std::array<double, 5> Welch(const Distribution& other, double confidence) const;
  // [U of this, z, p (two-sided, by the normal approximation, corrected for ties)]; [0, 0, 1] if
  // one has no values.
  std::array<double, 3> MannWhitney(const Distribution& other) const;
  // Difference of the means in pooled deviations; 0 if that is not defined.
  double CohensD(const Distribution& other) const;
  // How often values of this are larger than those of `other`, minus how often they are smaller: -1
  // to 1.
  double CliffsD(const Distribution& other) const;

 private:
  explicit Distribution(const Options& options);
  // The private functions require the lock.
  bool Fits(int64_t value) const;
  void Average(int64_t value);
  // The central moment of power 3 or 4. REQUIRES: there are values.
  double Moment(int power, double* variance) const;
  // Locks two distributions, in order of address, to avoid deadlocks.
  struct LockBoth;
  struct Sample {
    double n, mean, variance;
  };
  // `variance` is that of the sample. REQUIRES: at least two values.
  Sample Describe() const;
  struct Order {
    double n1 = 0, n2 = 0, above = 0, tied = 0, ties_cubed = 0;
  };
  // Counts pairs of a value of this and one of `other`: how many have the larger one here, and how
  // many are equal. `ties_cubed`: the sum of t^3 - t over the groups of t equal values.
  Order Compare(const Distribution& other) const;

  mutable std::mutex mutex_;
  hdr_histogram* hdr_ = nullptr;
  int64_t exceeds_ = 0;
  uint64_t last_time_ = 0;
  // The weight of a new value; 0 disables the averages.
  double alpha_ = 0;
  int64_t threshold_ = 0;
  bool averaging_ = false;  // the moving averages have a first value
  double average_ = 0;
  double variance_ = 0;
  double error_rate_ = 0;
};

}  // namespace kiln::runtime
