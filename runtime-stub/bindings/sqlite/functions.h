// SQL functions that are written in JavaScript: DatabaseSync.prototype.function and aggregate.
#pragma once

#include "runtime-stub/bindings/sqlite/connection.h"

namespace kiln::runtime::sqlite {

void AddFunction(Env& env, const std::shared_ptr<Connection>& connection, const Args& args);
void AddAggregate(Env& env, const std::shared_ptr<Connection>& connection, const Args& args);

}  // namespace kiln::runtime::sqlite
