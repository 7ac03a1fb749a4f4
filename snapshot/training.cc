#include "snapshot/training.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace kiln {
namespace {

bool ReadNumber(std::string_view& text, int* number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (error != std::errc() || *number < 0) return false;
  text.remove_prefix(size_t(end - text.data()));
  return true;
}

}  // namespace

Result<> TrainingProfile::Add(std::string_view text) {
  std::map<std::string, std::map<int, int>, std::less<>> found;
  while (!text.empty()) {
    size_t end = text.find('\n'), tab = text.find('\t');
    if (end == std::string_view::npos || tab == 0 || tab > end)
      return Error{"The record of a training run is damaged"};
    std::map<int, int>& functions = found[std::string(text.substr(0, tab))];
    std::string_view list = text.substr(tab + 1, end - tab - 1);
    text.remove_prefix(end + 1);
    while (!list.empty()) {
      int number = 0, bytes = 0;
      bool read = ReadNumber(list, &number) && list.starts_with(':');
      if (read) list.remove_prefix(1);
      read = read && ReadNumber(list, &bytes);
      // The description is for people and scripts/usual-functions.
      if (list.starts_with(':')) list.remove_prefix(std::min(list.find(' '), list.size()));
      read = read && (list.empty() || list[0] == ' ');
      if (!read) return Error{"The record of a training run is damaged"};
      if (!list.empty()) list.remove_prefix(1);
      functions[number] = bytes;
    }
  }
  for (auto& [source, functions] : found)
    sources_[source].insert(functions.begin(), functions.end());
  return {};
}

std::string TrainingProfile::Text(bool keeps_modules) const {
  std::string text;
  if (keeps_modules) text += "*modules\t\n";
  for (const auto& [source, functions] : sources_) {
    text += source;
    char separator = '\t';
    for (auto [number, bytes] : functions) {
      text += separator + std::to_string(number) + ':' + std::to_string(bytes);
      separator = ' ';
    }
    text += '\n';
  }
  return text;
}

size_t TrainingProfile::functions() const {
  size_t count = 0;
  for (const auto& [source, functions] : sources_) count += functions.size();
  return count;
}

uint64_t TrainingProfile::bytes() const {
  uint64_t sum = 0;
  for (const auto& [source, functions] : sources_)
    for (auto [number, bytes] : functions) sum += uint64_t(bytes);
  return sum;
}

PackedPayload ForTraining(PackedPayload payload, const std::string& folder) {
  for (PackedPayload::Section& section : payload.sections) {
    if (section.kind != format::SectionKind::kOptions) continue;
    section.bytes += "training=" + folder + "\n";
    section.raw_size = section.bytes.size();
  }
  return payload;
}

}  // namespace kiln
