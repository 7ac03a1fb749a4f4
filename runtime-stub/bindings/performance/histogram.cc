// The Histogram classes of internalBinding("performance"): one into which JavaScript records
// values, and two for monitorEventLoopDelay(), which sample the loop at intervals or once per
// iteration. The statistics are in distribution.cc.
#include <array>

#include "runtime-stub/binding/handle.h"
#include "runtime-stub/binding/saturate.h"
#include "runtime-stub/binding/serialize.h"
#include "runtime-stub/bindings/performance/distribution.h"
#include "runtime-stub/bindings/performance/performance.h"

namespace kiln::runtime {
namespace {

using Shared = std::shared_ptr<Distribution>;

class Histogram final : public Wrapped, public Transferable {
 public:
  Histogram(Env& env, Shared values) : Wrapped(env), values_(std::move(values)) {}
  const char* type_name() const override { return "Histogram"; }
  const Shared& values() const { return values_; }

  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return kClone; }
  std::unique_ptr<TransferData> Clone() override;

 private:
  Shared values_;
};

// A clone shares the values with its original.
class SharedValues final : public TransferData {
 public:
  explicit SharedValues(Shared values) : values_(std::move(values)) {}
  v8::MaybeLocal<v8::Object> Receive(Env& env, v8::Local<v8::Context>) override {
    return NewWrapped<Histogram>(env, kHistogramClass, values_)->object();
  }

 private:
  Shared values_;
};

std::unique_ptr<TransferData> Histogram::Clone() { return std::make_unique<SharedValues>(values_); }

// Records how late a timer fires or, per iteration, how long the loop was busy.
class LoopDelayHistogram final : public HandleWrap, public Transferable {
 public:
  LoopDelayHistogram(Env& env, Shared values, int interval_ms)
      : HandleWrap(env, Provider::kELDHISTOGRAM, reinterpret_cast<uv_handle_t*>(&timer_)),
        values_(std::move(values)),
        interval_(interval_ms) {
    CHECK(uv_timer_init(env.loop, &timer_) == 0);
    uv_unref(uv_handle());
  }
  const Shared& values() const { return values_; }

  void Start(const Args& args) {
    if (enabled_ || is_closing()) return;
    enabled_ = true;
    if (args[0]->IsTrue()) values_->Reset();
    uv_timer_start(
        &timer_,
        [](uv_timer_t* timer) {
          auto* self = static_cast<LoopDelayHistogram*>(static_cast<HandleWrap*>(timer->data));
          self->values_->RecordDelta();
        },
        uint64_t(interval_), uint64_t(interval_));
    uv_unref(uv_handle());
  }
  void Stop() {
    if (!enabled_ || is_closing()) return;
    enabled_ = false;
    uv_timer_stop(&timer_);
  }

  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return kClone; }
  std::unique_ptr<TransferData> Clone() override { return std::make_unique<SharedValues>(values_); }

 private:
  uv_timer_t timer_;
  Shared values_;
  int interval_;
  bool enabled_ = false;
};

class IterationHistogram final : public HandleWrap, public Transferable {
 public:
  IterationHistogram(Env& env, Shared values)
      : HandleWrap(env, Provider::kELDHISTOGRAM, reinterpret_cast<uv_handle_t*>(&check_)),
        values_(std::move(values)),
        prepare_(new uv_prepare_t) {
    CHECK(uv_check_init(env.loop, &check_) == 0);
    CHECK(uv_prepare_init(env.loop, prepare_) == 0);
    prepare_->data = this;
    uv_unref(uv_handle());
    uv_unref(reinterpret_cast<uv_handle_t*>(prepare_));
  }
  const Shared& values() const { return values_; }

  void Start(const Args& args) {
    if (enabled_ || is_closing()) return;
    enabled_ = true;
    if (args[0]->IsTrue()) values_->Reset();
    checked_ = prepared_ = uv_hrtime();
    timeout_ = 0;
    uv_prepare_start(prepare_, [](uv_prepare_t* prepare) {
      auto* self = static_cast<IterationHistogram*>(prepare->data);
      self->prepared_ = uv_hrtime();
      self->timeout_ = uv_backend_timeout(prepare->loop);
    });
    uv_check_start(&check_, [](uv_check_t* check) {
      static_cast<IterationHistogram*>(static_cast<HandleWrap*>(check->data))->OnCheck();
    });
    uv_unref(uv_handle());
    uv_unref(reinterpret_cast<uv_handle_t*>(prepare_));
  }
  void Stop() {
    if (!enabled_ || is_closing()) return;
    enabled_ = false;
    uv_check_stop(&check_);
    uv_prepare_stop(prepare_);
  }
  void Close(v8::Local<v8::Value> callback = {}) override {
    if (is_closing()) return;
    Stop();
    HandleWrap::Close(callback);
    uv_close(reinterpret_cast<uv_handle_t*>(prepare_),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_prepare_t*>(handle); });
  }

  Transferable* transferable() override { return this; }
  uint32_t transfer_mode() const override { return kClone; }
  std::unique_ptr<TransferData> Clone() override { return std::make_unique<SharedValues>(values_); }

 private:
  // The time outside of poll, plus the time that poll took beyond its timeout.
  void OnCheck() {
    uint64_t now = uv_hrtime();
    uint64_t busy = prepared_ - checked_;
    uint64_t polled = now - prepared_;
    if (timeout_ >= 0) {
      uint64_t meant = uint64_t(timeout_) * 1000000;
      if (polled > meant) busy += polled - meant;
    }
    values_->Record(busy == 0 ? 1 : int64_t(busy));
    checked_ = now;
  }

  uv_check_t check_;
  Shared values_;
  uv_prepare_t* prepare_;  // freed when libuv has closed the handle
  bool enabled_ = false;
  uint64_t checked_ = 0;
  uint64_t prepared_ = 0;
  int timeout_ = 0;
};

// The values of a histogram of any of the classes; null if the value is not one.
Shared ValuesOf(Env& env, v8::Local<v8::Value> value) {
  if (auto* h = UnwrapArgument<Histogram>(env, kHistogramClass, value)) return h->values();
  if (auto* h = UnwrapArgument<LoopDelayHistogram>(env, kIntervalHistogramClass, value))
    return h->values();
  if (auto* h = UnwrapArgument<IterationHistogram>(env, kIterationHistogramClass, value))
    return h->values();
  return nullptr;
}

bool ToInt64(v8::Local<v8::Value> value, int64_t* out) {
  bool lossless = true;
  if (value->IsBigInt())
    *out = value.As<v8::BigInt>()->Int64Value(&lossless);
  else if (value->IsNumber())
    *out = Saturate<int64_t>(value.As<v8::Number>()->Value());
  else
    return false;
  return lossless;
}

double ToDouble(v8::Local<v8::Value> value) {
  return value->IsNumber() ? value.As<v8::Number>()->Value() : 0;
}

void OutOfRange(Env& env, std::string_view what) {
  Error::Range("ERR_OUT_OF_RANGE", std::string(what) + " is out of range").Throw(env);
}

// ---------------------------------------------------------------- methods that read

template <auto F>
void Number(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This()))
    args.GetReturnValue().Set(double(((*values).*F)()));
}
template <auto F>
void Big(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This()))
    args.GetReturnValue().Set(v8::BigInt::New(env.isolate, ((*values).*F)()));
}
template <auto F>
void Pair(Env& env, const Args& args) {
  Shared values = ValuesOf(env, args.This());
  Shared other = ValuesOf(env, args[0]);
  if (!values || !other) return ThrowBadArgument(env, 0);
  args.GetReturnValue().Set(((*values).*F)(*other));
}

template <class T, size_t n>
void ReturnNumbers(Env& env, const Args& args, const std::array<T, n>& numbers) {
  std::array<v8::Local<v8::Value>, n> values;
  for (size_t i = 0; i < n; i++) values[i] = v8::Number::New(env.isolate, double(numbers[i]));
  args.GetReturnValue().Set(v8::Array::New(env.isolate, values.data(), n));
}

void FillMap(Env& env, v8::Local<v8::Value> map, const Distribution::Pairs& pairs,
             bool big = false) {
  if (!map->IsMap()) return ThrowBadArgument(env, 0);
  for (auto [key, value] : pairs) {
    v8::Local<v8::Value> number = big ? v8::BigInt::New(env.isolate, value).As<v8::Value>()
                                      : v8::Number::New(env.isolate, double(value));
    (void)map.As<v8::Map>()->Set(env.context(), v8::Number::New(env.isolate, key), number);
  }
}

void Percentile(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This()))
    args.GetReturnValue().Set(double(values->Percentile(ToDouble(args[0]))));
}
void PercentileBigInt(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This()))
    args.GetReturnValue().Set(v8::BigInt::New(env.isolate, values->Percentile(ToDouble(args[0]))));
}
void Percentiles(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This())) FillMap(env, args[0], values->Percentiles());
}
void PercentilesBigInt(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This()))
    FillMap(env, args[0], values->Percentiles(), true);
}
void PercentilesAt(Env& env, const Args& args) {
  Shared values = ValuesOf(env, args.This());
  if (!values || !args[1]->IsFloat64Array()) return ThrowBadArgument(env, 1);
  std::vector<double> list(args[1].As<v8::Float64Array>()->Length());
  args[1].As<v8::Float64Array>()->CopyContents(list.data(), list.size() * sizeof(double));
  FillMap(env, args[0], values->PercentilesAt(list));
}
void Cdf(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This()))
    args.GetReturnValue().Set(values->Cdf(Saturate<int64_t>(ToDouble(args[0]))));
}
void CountAt(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This()))
    args.GetReturnValue().Set(double(values->CountAt(Saturate<int64_t>(ToDouble(args[0])))));
}
void LinearBuckets(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This()))
    FillMap(env, args[1], values->LinearBuckets(Saturate<int64_t>(ToDouble(args[0]))));
}
void LogBuckets(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This()))
    FillMap(env, args[2],
            values->LogBuckets(Saturate<int64_t>(ToDouble(args[0])), ToDouble(args[1])));
}
void WelchTest(Env& env, const Args& args) {
  Shared values = ValuesOf(env, args.This());
  Shared other = ValuesOf(env, args[0]);
  if (!values || !other) return ThrowBadArgument(env, 0);
  ReturnNumbers(env, args, values->Welch(*other, ToDouble(args[1])));
}
void MannWhitneyTest(Env& env, const Args& args) {
  Shared values = ValuesOf(env, args.This());
  Shared other = ValuesOf(env, args[0]);
  if (!values || !other) return ThrowBadArgument(env, 0);
  ReturnNumbers(env, args, values->MannWhitney(*other));
}
void PercentileCi(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This()))
    ReturnNumbers(env, args, values->PercentileInterval(ToDouble(args[0]), ToDouble(args[1])));
}

void Reset(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This())) values->Reset();
}

// ---------------------------------------------------------------- methods that record

void Construct(const Args& args) {
  Env& env = Env::From(args.GetIsolate());
  if (!RequireNew(env, args)) return;
  Distribution::Options options;
  if (!ToInt64(args[0], &options.lowest)) return OutOfRange(env, "options.lowest");
  if (!ToInt64(args[1], &options.highest)) return OutOfRange(env, "options.highest");
  options.figures = Saturate<int>(ToDouble(args[2]));
  options.half_life = ToDouble(args[3]);
  options.threshold = Saturate<int64_t>(ToDouble(args[4]));
  Shared values = Distribution::Make(options);
  if (!values) return Error::Type("ERR_INVALID_ARG_VALUE", "Invalid histogram options").Throw(env);
  (new Histogram(env, std::move(values)))->Attach(args.This());
}

void Record(Env& env, const Args& args) {
  int64_t value;
  if (!ToInt64(args[0], &value) || value < 1) return OutOfRange(env, "value");
  if (Shared values = ValuesOf(env, args.This())) values->Record(value);
}
void RecordDelta(Env& env, const Args& args) {
  if (Shared values = ValuesOf(env, args.This())) values->RecordDelta();
}
void RecordCorrected(Env& env, const Args& args) {
  int64_t value;
  int64_t interval;
  if (!ToInt64(args[0], &value) || value < 1) return OutOfRange(env, "value");
  if (!ToInt64(args[1], &interval) || interval < 1) return OutOfRange(env, "expected_interval");
  if (Shared values = ValuesOf(env, args.This())) values->RecordCorrected(value, interval);
}
void Add(Env& env, const Args& args) {
  Shared values = ValuesOf(env, args.This());
  Shared other = ValuesOf(env, args[0]);
  if (!values || !other) return ThrowBadArgument(env, 0);
  args.GetReturnValue().Set(values->Add(*other));
}
void Subtract(Env& env, const Args& args) {
  Shared values = ValuesOf(env, args.This());
  Shared other = ValuesOf(env, args[0]);
  if (!values || !other) return ThrowBadArgument(env, 0);
  args.GetReturnValue().Set(values->Subtract(*other));
}

// ---------------------------------------------------------------- tables

// As in Node, the plain getters are on each instance and the others on the prototype.
constexpr Entry kRecording[] = {
    Method<Record>("record"),
    Method<RecordDelta>("recordDelta"),
};
constexpr Entry kReading[] = {
    MethodNoSideEffect<Number<&Distribution::Count>>("count"),
    MethodNoSideEffect<Number<&Distribution::Exceeds>>("exceeds"),
    MethodNoSideEffect<Number<&Distribution::Min>>("min"),
    MethodNoSideEffect<Number<&Distribution::Max>>("max"),
    MethodNoSideEffect<Number<&Distribution::Mean>>("mean"),
    MethodNoSideEffect<Number<&Distribution::Stddev>>("stddev"),
    MethodNoSideEffect<Percentile>("percentile"),
    MethodNoSideEffect<Number<&Distribution::Skewness>>("skewness"),
    MethodNoSideEffect<Number<&Distribution::Kurtosis>>("kurtosis"),
    MethodNoSideEffect<Cdf>("cdf"),
    MethodNoSideEffect<CountAt>("countAt"),
    MethodNoSideEffect<Number<&Distribution::EwmaMean>>("ewmaMean"),
    MethodNoSideEffect<Number<&Distribution::EwmaStddev>>("ewmaStddev"),
    MethodNoSideEffect<Number<&Distribution::EwmaErrorRate>>("ewmaErrorRate"),
    Method<Reset>("reset"),
};
constexpr Entry kLoopControl[] = {
    Method<&LoopDelayHistogram::Start>("start"),
    Method<&LoopDelayHistogram::Stop>("stop"),
};
constexpr Entry kIterationControl[] = {
    Method<&IterationHistogram::Start>("start"),
    Method<&IterationHistogram::Stop>("stop"),
};
constexpr Entry kChangingMethods[] = {
    Method<Add>("add"),
    Method<Subtract>("subtract"),
    Method<RecordCorrected>("recordCorrected"),
};
constexpr Entry kReadingMethods[] = {
    MethodNoSideEffect<Big<&Distribution::Count>>("countBigInt"),
    MethodNoSideEffect<Big<&Distribution::Exceeds>>("exceedsBigInt"),
    MethodNoSideEffect<Big<&Distribution::Min>>("minBigInt"),
    MethodNoSideEffect<Big<&Distribution::Max>>("maxBigInt"),
    MethodNoSideEffect<PercentileBigInt>("percentileBigInt"),
    MethodNoSideEffect<Percentiles>("percentiles"),
    MethodNoSideEffect<PercentilesBigInt>("percentilesBigInt"),
    MethodNoSideEffect<Pair<&Distribution::KolmogorovSmirnov>>("ksTest"),
    MethodNoSideEffect<PercentilesAt>("percentilesAt"),
    MethodNoSideEffect<LinearBuckets>("linearBuckets"),
    MethodNoSideEffect<LogBuckets>("logBuckets"),
    MethodNoSideEffect<WelchTest>("welchTest"),
    MethodNoSideEffect<MannWhitneyTest>("mannWhitneyTest"),
    MethodNoSideEffect<Pair<&Distribution::CohensD>>("cohensD"),
    MethodNoSideEffect<Pair<&Distribution::CliffsD>>("cliffsD"),
    MethodNoSideEffect<PercentileCi>("percentileCI"),
};

void OwnMethods(Env& env, v8::Local<v8::FunctionTemplate> made, std::span<const Entry> list) {
  auto signature = v8::Signature::New(env.isolate, made);
  for (const Entry& e : list) {
    auto method = v8::FunctionTemplate::New(env.isolate, e.call, {}, signature, 0,
                                            v8::ConstructorBehavior::kThrow);
    method->SetClassName(env.Name(e.name));
    made->InstanceTemplate()->Set(env.Name(e.name), method);
  }
}
void PushReferences(std::vector<intptr_t>& out, std::span<const Entry> list) {
  for (const Entry& e : list) out.push_back(Reference(e.call));
}

template <const auto& first, const auto& second>
void Customize(Env& env, v8::Local<v8::FunctionTemplate> made) {
  OwnMethods(env, made, first);
  OwnMethods(env, made, second);
}
template <const auto& first, const auto& second>
void References(std::vector<intptr_t>& out) {
  PushReferences(out, first);
  PushReferences(out, second);
}

}  // namespace

const ClassEntry kHistogramClass = {.name = "Histogram",
                                    .construct = Construct,
                                    .methods = kChangingMethods,
                                    .more_methods = kReadingMethods,
                                    .customize = Customize<kRecording, kReading>,
                                    .references = References<kRecording, kReading>};

const ClassEntry kIntervalHistogramClass = {.name = "Histogram",
                                            .parent = &kHandleWrapClass,
                                            .methods = kReadingMethods,
                                            .customize = Customize<kReading, kLoopControl>,
                                            .references = References<kReading, kLoopControl>};

const ClassEntry kIterationHistogramClass = {.name = "Histogram",
                                             .parent = &kHandleWrapClass,
                                             .methods = kReadingMethods,
                                             .customize = Customize<kReading, kIterationControl>,
                                             .references = References<kReading, kIterationControl>};

void CreateLoopDelayHistogram(Env& env, const Args& args) {
  int resolution = Saturate<int>(ToDouble(args[0]));
  if (resolution < 1) return OutOfRange(env, "resolution");
  Distribution::Options options;
  options.highest = int64_t(3600) * 1000 * 1000 * 1000;  // an hour
  Shared values = Distribution::Make(options);
  CHECK(values);
  v8::Local<v8::Object> made =
      args[1]->IsTrue()
          ? NewWrapped<IterationHistogram>(env, kIterationHistogramClass, values)->object()
          : NewWrapped<LoopDelayHistogram>(env, kIntervalHistogramClass, values, resolution)
                ->object();
  args.GetReturnValue().Set(made);
}

}  // namespace kiln::runtime
