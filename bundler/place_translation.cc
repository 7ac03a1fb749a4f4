// The check by esbuild makes the first two forms safe: they are found by comparing tokens, not by
// parsing. It is done without --define and without lowering, so text that needs them fails it.
#include "bundler/place_translation.h"

#include <optional>
#include <utility>

#include "bundler/erase_types.h"
#include "bundler/original_positions.h"
#include "support/json.h"

namespace kiln {
namespace {

// Does esbuild make the tokens of `expected` from `code`?
Result<bool> MeansTheSame(const std::string& code, const std::string& expected, Esbuild& esbuild) {
  uint32_t id = esbuild.StartTransform(
      code, {"--loader=js", "--charset=utf8", "--target=esnext", "--legal-comments=none",
             "--log-limit=0", "--log-level=silent"});
  TRY(TransformOutput output, esbuild.FinishTransform(id));
  return output.errors.empty() && SameTokens(output.code, expected);
}

}  // namespace

Result<PlacedTranslation> PlaceTranslation(const TransformOutput& translation,
                                           std::string_view original, Esbuild& esbuild) {
  using Form = PlacedTranslation::Form;
  auto map = Json::Parse(translation.map);
  if (map.ok()) {
    const std::string mappings = (*map)["mappings"].AsString();
    for (Form form : {Form::kBlanks, Form::kInserted}) {
      std::optional<ErasedTypes> erased =
          EraseTypes(original, translation.code, mappings,
                     form == Form::kBlanks ? AddedText::kLeaveOut : AddedText::kInsert);
      if (!erased) break;
      TRY(bool same, MeansTheSame(erased->code, translation.code, esbuild));
      if (!same) continue;
      PlacedTranslation placed{.code = std::move(erased->code), .map = {}, .form = form};
      if (!erased->mappings.empty()) {
        map->Set("mappings", erased->mappings).Set("names", Json::Array());
        placed.map = map->Write();
      }
      return placed;
    }
  }
  RestoredPositions restored = RestorePositions(translation.code, translation.map, original);
  return PlacedTranslation{
      .code = std::move(restored.code), .map = std::move(restored.map), .form = Form::kLaidOut};
}

}  // namespace kiln
