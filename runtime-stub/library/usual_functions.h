// Functions of the library that apps usually call after what the snapshot builder has seen them do:
// a server answers requests, a stream writes to a pipe, a file is read. The list is usual_functions.txt;
// scripts/usual-functions measures it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::runtime {

class UsualFunctions {
 public:
  // "library net" and such; descriptions of its functions (the file says what they are).
  using Sources = std::map<std::string, std::set<std::string>, std::less<>>;
  using Names = std::set<std::string, std::less<>>;  // of groups

  UsualFunctions();

  // Whether there are triggers in this source.
  bool HasTriggers(std::string_view source) const { return conditions_.contains(source); }
  // Adds the groups whose trigger this function is. Both are as in the file.
  void AddTriggered(std::string_view source, std::string_view description, Names& groups) const;
  // Adds the groups for which the app's text contains one of their words.
  void AddMentioned(std::string_view text, Names& groups) const;
  // The functions of these groups, and of those that every app needs.
  Sources Of(const Names& groups) const;

 private:
  using Group = std::pair<const std::string, Sources>;
  struct Condition {
    std::string function;  // the name
    const Group* group;
  };

  std::map<std::string, std::vector<Condition>, std::less<>> conditions_;  // by source
  std::vector<std::pair<std::string, const Group*>> words_;
  std::map<std::string, Sources, std::less<>> groups_;
};

}  // namespace kiln::runtime
