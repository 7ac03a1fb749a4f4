// Progress on stderr. On a terminal the line of a running stage is shown at once and replaced when
// it ends; elsewhere only finished stages are written. With --json finished stages and the report
// go to stdout, one JSON object per line.
#include "compiler/progress.h"

#include <cstdio>

#include "support/json.h"

namespace kiln {

std::string FormatSize(uint64_t bytes) {
  char text[32];
  if (bytes < 1000)
    std::snprintf(text, sizeof text, "%u B", unsigned(bytes));
  else if (bytes < 1000000)
    std::snprintf(text, sizeof text, "%.1f kB", double(bytes) / 1e3);
  else
    std::snprintf(text, sizeof text, "%.1f MB", double(bytes) / 1e6);
  return text;
}

std::string FormatTime(double milliseconds) {
  char text[32];
  if (milliseconds < 999.5)
    std::snprintf(text, sizeof text, "%.0f ms", milliseconds);
  else
    std::snprintf(text, sizeof text, "%.2f s", milliseconds / 1000);
  return text;
}

void Progress::Begin(std::string_view stage) {
  stage_ = stage;
  timer_.Restart();
  if (style_ == ProgressStyle::kTerminal) {
    std::fprintf(stderr, "  %-9s …", stage_.c_str());
    std::fflush(stderr);
  }
}

void Progress::End(uint64_t bytes, std::string_view detail) {
  double time = timer_.Milliseconds();
  switch (style_) {
    case ProgressStyle::kSilent:
      break;
    case ProgressStyle::kJson: {
      Json json = Json::Object();
      json.Set("type", "stage").Set("stage", stage_).Set("ms", int64_t(time + 0.5));
      json.Set("bytes", bytes);
      if (!detail.empty()) json.Set("detail", detail);
      std::printf("%s\n", json.Write().c_str());
      break;
    }
    case ProgressStyle::kTerminal:
    case ProgressStyle::kPlain:
      std::fprintf(stderr, "%s  %-9s %8s %10s%s%.*s\n",
                   style_ == ProgressStyle::kTerminal ? "\r\033[K" : "", stage_.c_str(),
                   FormatTime(time).c_str(), FormatSize(bytes).c_str(), detail.empty() ? "" : "   ",
                   int(detail.size()), detail.data());
  }
  stage_.clear();
}

void Progress::Report(std::string_view line) {
  if (style_ == ProgressStyle::kJson) {
    Json json = Json::Object();
    json.Set("type", "report").Set("text", line);
    std::printf("%s\n", json.Write().c_str());
  } else if (style_ != ProgressStyle::kSilent) {
    std::fprintf(stderr, "    %.*s\n", int(line.size()), line.data());
  }
}

void Progress::ReportJson(const Json& line) {
  if (style_ == ProgressStyle::kJson) std::printf("%s\n", line.Write().c_str());
}

void Progress::Abandon() {
  if (stage_.empty()) return;
  if (style_ == ProgressStyle::kTerminal) std::fprintf(stderr, "\r\033[K");
  stage_.clear();
}

}  // namespace kiln
