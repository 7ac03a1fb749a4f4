#pragma once

#include <v8.h>

namespace kiln::runtime::inspector {

// Scripts that were compiled for the snapshot belong to no context, and V8's inspector sets no breakpoints in such
// ones. Gives those of the app to the context that the inspector knows by this id. Those of Node's library stay as
// they are, as in Node, where they are in a snapshot, too. Before a session begins; in the isolate's thread.
void GiveScriptsTo(v8::Isolate* isolate, int context_id);

}  // namespace kiln::runtime::inspector
