// Where a place in a bundled module is in the user's files.
#pragma once

#include <map>
#include <string>

#include "bundler/bundle.h"
#include "support/diagnostics.h"

namespace kiln {

// Made from a Bundle before its modules are moved away; owns what it needs.
class UserPlaces {
 public:
  UserPlaces() = default;
  explicit UserPlaces(const Bundle& bundle);

  // `location.file` is the name of a script of the bundle: a virtual path, or the file URL of one,
  // maybe with a query. Returns the place in the user's file, named relative to the working
  // directory; without a line if the module was translated and its map does not contain the place.
  // A file that is not in the bundle is returned as it is.
  Location Of(Location location) const;

 private:
  std::string root_;
  std::map<std::string, std::string, std::less<>> maps_;  // by virtual path
};

}  // namespace kiln
