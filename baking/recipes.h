// Recipes: what is known about reads in the code of packages, so that a module that makes them can be
// baked. `recipes.txt` has those of Kiln and describes the format; users add their own with --recipes.
//
// A recipe is about a read, by the name that --explain prints, at a place in certain code: it is found by
// the text around the place, not by the name of a file, so that bundled copies are recognised and
// changed versions are not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "baking/observation.h"
#include "support/result.h"

namespace kiln {

struct Recipe {
  enum class Answer {
    kGuard,     // `guards` are compared at start
    kHarmless,  // whatever the answer is, nobody can tell
    kLate,      // the answer is only kept in variables, which get it at start
  };
  std::string name, title;
  std::string package;  // with the versions that were looked at, for people
  // Name and detail of the report, separated by a space; the detail `*` is any, which `*` in guards then
  // is.
  std::string read;
  std::vector<std::string> code;  // alternatives
  Answer answer = Answer::kGuard;
  std::vector<std::string> guards;  // lines as payload_format.h describes them
  int late = -1;                    // what is kept, as in BakePlan::late
  std::string why;
};

// The recipes of a text in the format of recipes.txt. An Error names `file`, the line and what is wrong.
Result<std::vector<Recipe>> ParseRecipes(std::string_view text, const std::string& file);

// The text of recipes.txt, which is part of the tool.
std::string_view RecipesOfKiln();

// The recipe for a report whose place is in `source`, the text of its script as V8 compiles it; null if
// there is none. Borrowed from `recipes`.
const Recipe* FindRecipe(const std::vector<Recipe>& recipes, const Report& report,
                         std::string_view source);

// The guards of its answer to the report.
std::vector<std::string> GuardsOfRecipe(const Recipe& recipe, const Report& report);

// Whether the place is inside of a piece of `source` that is `code`. White space, comments, the kind of
// quotes and semicolons before } do not matter; @NAME in the code is any identifier, the same one
// wherever it occurs. `line` and `column` are from 1, columns in UTF-16 units.
bool IsInCode(std::string_view code, std::string_view source, int line, int column);

}  // namespace kiln
