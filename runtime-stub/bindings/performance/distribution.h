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

class Distribution {
 public:
  struct Options {
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

  // Record one value; false if it is out of range, which is counted by Exceeds().
  bool Record(int64_t value);
  void RecordDelta();  // nanoseconds since the previous call; the first records nothing
  bool RecordCorrected(int64_t value, int64_t expected_interval);
  // Add or subtract all values of `other`; return the number of values for which that was
  // impossible.
  double Add(const Distribution& other);
  double Subtract(const Distribution& other);
  void Reset();

  // ---- Statistics that are one number. Percentiles are 0 to 100.
  int64_t Count() const;
  int64_t Exceeds() const;  // number of values that were out of range
  int64_t Min() const;
  int64_t Max() const;
  double Mean() const;
  double Stddev() const;
  int64_t Percentile(double percentile) const;
  double Skewness() const;
  double Kurtosis() const;  // excess
  double Cdf(int64_t value) const;
  int64_t CountAt(int64_t value) const;
  double EwmaMean() const;
  double EwmaStddev() const;
  double EwmaErrorRate() const;

  // ---- Lists of pairs: a percentile or a value, and a value or a count
  using Pairs = std::vector<std::pair<double, int64_t>>;
  Pairs Percentiles() const;
  Pairs PercentilesAt(const std::vector<double>& percentiles) const;
  Pairs LinearBuckets(int64_t step) const;
  Pairs LogBuckets(int64_t first, double base) const;
  std::array<int64_t, 3> PercentileInterval(double percentile, double confidence) const;

  // ---- Comparisons of two distributions
  double KolmogorovSmirnov(const Distribution& other) const;
  std::array<double, 5> Welch(const Distribution& other, double confidence) const;
  std::array<double, 3> MannWhitney(const Distribution& other) const;
  double CohensD(const Distribution& other) const;
  double CliffsD(const Distribution& other) const;

 private:
  explicit Distribution(const Options& options);
  bool Fits(int64_t value) const;
  void Average(int64_t value);
  double Moment(int power, double* variance) const;
  // Locks two distributions, in order of address, to avoid deadlocks.
  struct LockBoth;
  struct Sample {
    double n, mean, variance;
  };
  Sample Describe() const;
  struct Order {
    double n1 = 0, n2 = 0, above = 0, tied = 0, ties_cubed = 0;
  };
  Order Compare(const Distribution& other) const;

  mutable std::mutex mutex_;
  hdr_histogram* hdr_ = nullptr;
  int64_t exceeds_ = 0;
  uint64_t last_time_ = 0;
  double alpha_ = 0;
  int64_t threshold_ = 0;
  bool averaging_ = false;  // the moving averages have a first value
  double average_ = 0;
  double variance_ = 0;
  double error_rate_ = 0;
};

}  // namespace kiln::runtime
