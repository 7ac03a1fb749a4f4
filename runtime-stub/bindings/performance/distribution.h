// A distribution of recorded values: an HdrHistogram with the statistics of Node's
// Histogram classes. Clones of a histogram share one, also between threads.
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
    int figures = 3;
    double half_life = 0;   // of the moving averages, in values; 0 turns them off
    int64_t threshold = 0;  // a value above it counts as an error
  };
  // Null when the options do not make a histogram.
  static std::shared_ptr<Distribution> Make(const Options& options);
  ~Distribution();
  Distribution(const Distribution&) = delete;

  bool Record(int64_t value);
  void RecordDelta();  // nanoseconds since the last call
  bool RecordCorrected(int64_t value, int64_t expected_interval);
  double Add(const Distribution& other);  // answers how many did not fit
  double Subtract(const Distribution& other);
  void Reset();

  // ---- one number
  int64_t Count() const;
  int64_t Exceeds() const;  // values that did not fit
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

  // ---- lists
  using Pairs = std::vector<std::pair<double, int64_t>>;
  Pairs Percentiles() const;
  Pairs PercentilesAt(const std::vector<double>& percentiles) const;
  Pairs LinearBuckets(int64_t step) const;
  Pairs LogBuckets(int64_t first, double base) const;
  std::array<int64_t, 3> PercentileInterval(double percentile, double confidence) const;

  // ---- two distributions
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
  // Takes the locks of both, in one order everywhere.
  struct Both;
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
