// The map is that of one file, which the translator named in its own way.
#include "support/bundled_module.h"

#include "support/json.h"
#include "support/result.h"

namespace kiln {

std::string SourceMapOf(const BundledModule& module) {
  if (module.source_map.empty()) return {};
  auto json = Json::Parse(module.source_map);
  if (!json.ok() || !json->is_object()) return {};
  json->Set("sources", Json::Array().Push(module.path));
  json->Set("sourcesContent", Json::Array().Push(module.own ? Json(module.original) : Json()));
  return json->Write();
}

}  // namespace kiln
