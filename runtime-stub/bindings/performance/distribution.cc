// Statistics on an HdrHistogram. The tests that compare two distributions iterate over the buckets
// of both in parallel; p-values are computed from the incomplete beta function (continued fraction,
// evaluated by Lentz's method) and from erfc.
#include "runtime-stub/bindings/performance/distribution.h"

#include <uv.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace kiln::runtime {

std::shared_ptr<Distribution> Distribution::Make(const Options& options) {
  auto made = std::shared_ptr<Distribution>(new Distribution(options));
  return made->hdr_ ? made : nullptr;
}

Distribution::Distribution(const Options& options) : threshold_(options.threshold) {
  if (hdr_init(options.lowest, options.highest, options.figures, &hdr_) != 0) hdr_ = nullptr;
  // After half_life further values a value has half its weight.
  if (options.half_life > 0) alpha_ = 1 - std::exp2(-1 / options.half_life);
}

Distribution::~Distribution() {
  if (hdr_) hdr_close(hdr_);
}

// ---------------------------------------------------------------------- recording

// The last bucket extends beyond the highest value that was requested.
bool Distribution::Fits(int64_t value) const { return value <= hdr_->highest_trackable_value; }

void Distribution::Average(int64_t value) {
  if (alpha_ <= 0) return;
  double error = threshold_ > 0 && value > threshold_ ? 1 : 0;
  if (!averaging_) {
    averaging_ = true;
    average_ = double(value);
    variance_ = 0;
    error_rate_ = error;
    return;
  }
  double difference = double(value) - average_;
  average_ += alpha_ * difference;
  variance_ = (1 - alpha_) * (variance_ + alpha_ * difference * difference);
  error_rate_ += alpha_ * (error - error_rate_);
}

bool Distribution::Record(int64_t value) {
  std::lock_guard lock(mutex_);
  bool fits = Fits(value) && hdr_record_value(hdr_, value);
  if (fits)
    Average(value);
  else
    exceeds_++;
  return fits;
}

void Distribution::RecordDelta() {
  uint64_t now = uv_hrtime();
  std::lock_guard lock(mutex_);
  if (last_time_ > 0) {
    int64_t delta = int64_t(now - last_time_);
    if (Fits(delta) && hdr_record_value(hdr_, delta))
      Average(delta);
    else
      exceeds_++;
  }
  last_time_ = now;
}

bool Distribution::RecordCorrected(int64_t value, int64_t expected_interval) {
  std::lock_guard lock(mutex_);
  bool fits = Fits(value) && hdr_record_corrected_value(hdr_, value, expected_interval);
  if (fits)
    Average(value);
  else
    exceeds_++;
  return fits;
}

struct Distribution::LockBoth {
  LockBoth(const Distribution& a, const Distribution& b)
      : first((&a < &b ? a : b).mutex_), second((&a < &b ? b : a).mutex_) {
    first.lock();
    if (&a != &b) second.lock();
    one = &a == &b;
  }
  ~LockBoth() {
    if (!one) second.unlock();
    first.unlock();
  }
  std::mutex& first;
  std::mutex& second;
  bool one;
};

double Distribution::Add(const Distribution& other) {
  LockBoth lock(*this, other);
  exceeds_ += other.exceeds_;
  if (last_time_ < other.last_time_) last_time_ = other.last_time_;
  return double(hdr_add(hdr_, other.hdr_));
}

double Distribution::Subtract(const Distribution& other) {
  LockBoth lock(*this, other);
  int64_t missing = 0;
  int buckets = std::min(hdr_->counts_len, other.hdr_->counts_len);
  for (int i = 0; i < buckets; i++) {
    int64_t taken = std::min(hdr_->counts[i], other.hdr_->counts[i]);
    missing += other.hdr_->counts[i] - taken;
    hdr_->counts[i] -= taken;
  }
  hdr_reset_internal_counters(hdr_);
  exceeds_ -= std::min(exceeds_, other.exceeds_);
  return double(missing);
}

void Distribution::Reset() {
  std::lock_guard lock(mutex_);
  hdr_reset(hdr_);
  exceeds_ = 0;
  last_time_ = 0;
  averaging_ = false;
  average_ = variance_ = error_rate_ = 0;
}

// ---------------------------------------------------------------------- single numbers

int64_t Distribution::Count() const {
  std::lock_guard lock(mutex_);
  return hdr_->total_count;
}
int64_t Distribution::Exceeds() const {
  std::lock_guard lock(mutex_);
  return exceeds_;
}
int64_t Distribution::Min() const {
  std::lock_guard lock(mutex_);
  return hdr_min(hdr_);
}
int64_t Distribution::Max() const {
  std::lock_guard lock(mutex_);
  return hdr_max(hdr_);
}
double Distribution::Mean() const {
  std::lock_guard lock(mutex_);
  return hdr_mean(hdr_);
}
double Distribution::Stddev() const {
  std::lock_guard lock(mutex_);
  return hdr_stddev(hdr_);
}
int64_t Distribution::Percentile(double percentile) const {
  std::lock_guard lock(mutex_);
  return hdr_value_at_percentile(hdr_, percentile);
}
int64_t Distribution::CountAt(int64_t value) const {
  std::lock_guard lock(mutex_);
  return hdr_count_at_value(hdr_, value);
}
double Distribution::EwmaMean() const {
  std::lock_guard lock(mutex_);
  return average_;
}
double Distribution::EwmaStddev() const {
  std::lock_guard lock(mutex_);
  return std::sqrt(variance_);
}
double Distribution::EwmaErrorRate() const {
  std::lock_guard lock(mutex_);
  return error_rate_;
}

double Distribution::Moment(int power, double* variance) const {
  double mean = hdr_mean(hdr_);
  double squares = 0;
  double sum = 0;
  hdr_iter iter;
  hdr_iter_recorded_init(&iter, hdr_);
  while (hdr_iter_next(&iter)) {
    double off = double(hdr_median_equivalent_value(hdr_, iter.value)) - mean;
    double square = off * off;
    squares += double(iter.count) * square;
    sum += double(iter.count) * square * (power == 3 ? off : square);
  }
  *variance = squares / double(hdr_->total_count);
  return sum / double(hdr_->total_count);
}

double Distribution::Skewness() const {
  std::lock_guard lock(mutex_);
  double variance;
  if (hdr_->total_count < 3) return 0;
  double moment = Moment(3, &variance);
  return variance == 0 ? 0 : moment / (variance * std::sqrt(variance));
}

double Distribution::Kurtosis() const {
  std::lock_guard lock(mutex_);
  double variance;
  if (hdr_->total_count < 4) return 0;
  double moment = Moment(4, &variance);
  return variance == 0 ? 0 : moment / (variance * variance) - 3;
}

double Distribution::Cdf(int64_t value) const {
  std::lock_guard lock(mutex_);
  if (hdr_->total_count == 0) return 0;
  hdr_iter iter;
  hdr_iter_init(&iter, hdr_);
  while (hdr_iter_next(&iter)) {
    if (iter.highest_equivalent_value >= value)
      return double(iter.cumulative_count) / double(hdr_->total_count);
    if (iter.cumulative_count >= hdr_->total_count) break;
  }
  return 1;
}

// ---------------------------------------------------------------------- lists

Distribution::Pairs Distribution::Percentiles() const {
  std::lock_guard lock(mutex_);
  Pairs out;
  hdr_iter iter;
  hdr_iter_percentile_init(&iter, hdr_, 1);
  while (hdr_iter_next(&iter)) out.emplace_back(iter.specifics.percentiles.percentile, iter.value);
  return out;
}

Distribution::Pairs Distribution::PercentilesAt(const std::vector<double>& percentiles) const {
  std::lock_guard lock(mutex_);
  std::vector<int64_t> values(percentiles.size());
  hdr_value_at_percentiles(hdr_, percentiles.data(), values.data(), percentiles.size());
  Pairs out;
  for (size_t i = 0; i < values.size(); i++) out.emplace_back(percentiles[i], values[i]);
  return out;
}

Distribution::Pairs Distribution::LinearBuckets(int64_t step) const {
  std::lock_guard lock(mutex_);
  Pairs out;
  hdr_iter iter;
  hdr_iter_linear_init(&iter, hdr_, step);
  while (hdr_iter_next(&iter))
    out.emplace_back(double(iter.value), iter.specifics.linear.count_added_in_this_iteration_step);
  return out;
}

Distribution::Pairs Distribution::LogBuckets(int64_t first, double base) const {
  std::lock_guard lock(mutex_);
  Pairs out;
  hdr_iter iter;
  hdr_iter_log_init(&iter, hdr_, first, base);
  while (hdr_iter_next(&iter))
    out.emplace_back(double(iter.value), iter.specifics.log.count_added_in_this_iteration_step);
  return out;
}

// ---------------------------------------------------------------------- probability

namespace {

// The continued fraction of the incomplete beta function.
double BetaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-30;
  auto apart = [](double v) { return std::fabs(v) < kTiny ? kTiny : v; };
  double c = 1;
  double d = 1 / apart(1 - (a + b) * x / (a + 1));
  double result = d;
  for (int m = 1; m <= 200; m++) {
    double even = m * (b - m) * x / ((a - 1 + 2 * m) * (a + 2 * m));
    d = 1 / apart(1 + even * d);
    c = apart(1 + even / c);
    result *= d * c;
    double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 1 + 2 * m));
    d = 1 / apart(1 + odd * d);
    c = apart(1 + odd / c);
    result *= d * c;
    if (std::fabs(d * c - 1) <= 3e-12) break;
  }
  return result;
}

// I_x(a, b): the probability that a Beta(a, b) variable is at most x.
double BetaCdf(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) +
                          b * std::log(1 - x));
  // The fraction converges quickly only for small x.
  if (x < (a + 1) / (a + b + 2)) return front * BetaFraction(a, b, x) / a;
  return 1 - front * BetaFraction(b, a, 1 - x) / b;
}

double StudentCdf(double t, double degrees) {
  double tail = 0.5 * BetaCdf(degrees / 2, 0.5, degrees / (degrees + t * t));
  return t >= 0 ? 1 - tail : tail;
}

double StudentQuantile(double p, double degrees) {
  if (p == 0.5) return 0;
  double low = -1e6;
  double high = 1e6;
  for (int i = 0; i < 100; i++) {
    double middle = (low + high) / 2;
    (StudentCdf(middle, degrees) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

double BinomialCdf(int64_t k, int64_t n, double p) {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return BetaCdf(double(n - k), double(k + 1), 1 - p);
}

// The smallest rank in [0, n] for which `holds`, a monotonic predicate, is true; n if there is
// none.
template <class F>
int64_t FirstRank(int64_t n, F holds) {
  int64_t low = 0;
  int64_t high = n;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (holds(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

}  // namespace

std::array<int64_t, 3> Distribution::PercentileInterval(double percentile,
                                                        double confidence) const {
  std::lock_guard lock(mutex_);
  int64_t value = hdr_value_at_percentile(hdr_, percentile);
  int64_t n = hdr_->total_count;
  if (n < 2) return {value, value, value};
  double p = percentile / 100;
  double tail = (1 - confidence) / 2;
  // The last rank below which at most `tail` of the values are, and the first above all but `tail`.
  int64_t lower = FirstRank(n, [&](int64_t rank) { return BinomialCdf(rank, n, p) > tail; });
  int64_t upper =
      FirstRank(n, [&](int64_t rank) { return BinomialCdf(rank - 1, n, p) >= 1 - tail; });
  auto at = [&](int64_t rank) {
    return hdr_value_at_percentile(hdr_, double(rank) / double(n) * 100);
  };
  return {value, at(lower), at(upper)};
}

// ---------------------------------------------------------------------- comparisons

// HdrHistogram returns the population's deviation; the sample's variance is N/(N-1) times larger.
Distribution::Sample Distribution::Describe() const {
  double n = double(hdr_->total_count);
  double deviation = hdr_stddev(hdr_);
  return {n, hdr_mean(hdr_), deviation * deviation * n / (n - 1)};
}

Distribution::Order Distribution::Compare(const Distribution& other) const {
  Order order{double(hdr_->total_count), double(other.hdr_->total_count)};
  double below = 0;  // values of `other` in the buckets so far
  int buckets = std::max(hdr_->counts_len, other.hdr_->counts_len);
  for (int i = 0; i < buckets; i++) {
    double mine = i < hdr_->counts_len ? double(hdr_->counts[i]) : 0;
    double theirs = i < other.hdr_->counts_len ? double(other.hdr_->counts[i]) : 0;
    order.above += mine * below;
    order.tied += mine * theirs;
    below += theirs;
    double here = mine + theirs;
    if (here > 1) order.ties_cubed += here * here * here - here;
  }
  return order;
}

double Distribution::KolmogorovSmirnov(const Distribution& other) const {
  if (this == &other) return 0;
  LockBoth lock(*this, other);
  double n1 = double(hdr_->total_count);
  double n2 = double(other.hdr_->total_count);
  if (n1 == 0 || n2 == 0) return 0;
  double widest = 0;
  int64_t sum1 = 0;
  int64_t sum2 = 0;
  int buckets = std::max(hdr_->counts_len, other.hdr_->counts_len);
  for (int i = 0; i < buckets; i++) {
    if (i < hdr_->counts_len) sum1 += hdr_->counts[i];
    if (i < other.hdr_->counts_len) sum2 += other.hdr_->counts[i];
    widest = std::max(widest, std::fabs(double(sum1) / n1 - double(sum2) / n2));
  }
  return widest;
}

std::array<double, 5> Distribution::Welch(const Distribution& other, double confidence) const {
  constexpr std::array<double, 5> kNothing = {0, 0, 1, 0, 0};
  if (this == &other) return kNothing;
  LockBoth lock(*this, other);
  if (hdr_->total_count < 2 || other.hdr_->total_count < 2) return kNothing;
  Sample a = Describe();
  Sample b = other.Describe();
  double error1 = a.variance / a.n;
  double error2 = b.variance / b.n;
  double error = error1 + error2;
  if (error == 0) return kNothing;
  double difference = a.mean - b.mean;
  double t = difference / std::sqrt(error);
  double degrees = error * error / (error1 * error1 / (a.n - 1) + error2 * error2 / (b.n - 1));
  double p = 2 * StudentCdf(-std::fabs(t), degrees);
  double margin = StudentQuantile(1 - (1 - confidence) / 2, degrees) * std::sqrt(error);
  return {t, degrees, p, difference - margin, difference + margin};
}

std::array<double, 3> Distribution::MannWhitney(const Distribution& other) const {
  if (this == &other) return {0, 0, 1};
  LockBoth lock(*this, other);
  Order o = Compare(other);
  if (o.n1 == 0 || o.n2 == 0) return {0, 0, 1};
  double u = o.above + o.tied / 2;
  double n = o.n1 + o.n2;
  double variance = o.n1 * o.n2 / 12 * (n + 1 - o.ties_cubed / (n * (n - 1)));
  if (variance <= 0) return {u, 0, 1};
  double z = (u - o.n1 * o.n2 / 2) / std::sqrt(variance);
  return {u, z, std::erfc(std::fabs(z) * std::numbers::sqrt2 / 2)};
}

double Distribution::CohensD(const Distribution& other) const {
  if (this == &other) return 0;
  LockBoth lock(*this, other);
  if (hdr_->total_count < 2 || other.hdr_->total_count < 2) return 0;
  Sample a = Describe();
  Sample b = other.Describe();
  double pooled = std::sqrt(((a.n - 1) * a.variance + (b.n - 1) * b.variance) / (a.n + b.n - 2));
  return pooled == 0 ? 0 : (a.mean - b.mean) / pooled;
}

double Distribution::CliffsD(const Distribution& other) const {
  if (this == &other) return 0;
  LockBoth lock(*this, other);
  Order o = Compare(other);
  double pairs = o.n1 * o.n2;
  if (pairs == 0) return 0;
  double below = pairs - o.above - o.tied;
  return (o.above - below) / pairs;
}

}  // namespace kiln::runtime
