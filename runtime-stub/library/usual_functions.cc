#include "runtime-stub/library/usual_functions.h"

namespace kiln::runtime {

std::string_view TextOfUsualFunctions();  // usual_functions.txt

namespace {

// Removes and returns what is before the separator, or all.
std::string_view Take(std::string_view& text, char separator) {
  std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(part.size() == text.size() ? part.size() : part.size() + 1);
  return part;
}

// As V8's strings of two bytes per character have it.
std::string AsTwoByte(std::string_view ascii) {
  std::string text;
  for (char c : ascii) (text += c) += '\0';
  return text;
}

}  // namespace

UsualFunctions::UsualFunctions() {
  constexpr std::string_view kGroup = "== ", kWhen = "when: ", kMentions = "mentions: ";
  Group* group = nullptr;
  for (std::string_view text = TextOfUsualFunctions(); !text.empty();) {
    std::string_view line = Take(text, '\n');
    if (line.starts_with('#')) continue;
    if (line.starts_with(kGroup)) {
      group = &*groups_.try_emplace(std::string(line.substr(kGroup.size()))).first;
    } else if (line.starts_with(kWhen)) {
      line.remove_prefix(kWhen.size());
      size_t space = line.rfind(' ');
      conditions_[std::string(line.substr(0, space))].push_back(
          {std::string(line.substr(space + 1)), group});
    } else if (line.starts_with(kMentions)) {
      words_.emplace_back(line.substr(kMentions.size()), group);
    } else if (group && !line.empty()) {
      auto& functions = group->second[std::string(Take(line, '\t'))];
      while (!line.empty()) functions.emplace(Take(line, ' '));
    }
  }
}

void UsualFunctions::AddTriggered(std::string_view source, std::string_view description,
                                  Names& groups) const {
  auto conditions = conditions_.find(source);
  if (conditions == conditions_.end()) return;
  std::string_view name = description.substr(0, description.rfind('/'));
  for (const Condition& condition : conditions->second)
    if (condition.function == name) groups.insert(condition.group->first);
}

void UsualFunctions::AddMentioned(std::string_view text, Names& groups) const {
  for (const auto& [word, group] : words_)
    if (!groups.contains(group->first) && (text.find(word) != std::string_view::npos ||
                                           text.find(AsTwoByte(word)) != std::string_view::npos))
      groups.insert(group->first);
}

UsualFunctions::Sources UsualFunctions::Of(const Names& groups) const {
  Sources all;
  auto add = [&](const Sources& sources) {
    for (const auto& [source, functions] : sources)
      all[source].insert(functions.begin(), functions.end());
  };
  for (const auto& [name, sources] : groups_)
    if (name == "always" || groups.contains(name)) add(sources);
  return all;
}

}  // namespace kiln::runtime
