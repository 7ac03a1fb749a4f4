// Memory for `new` while a process starts, before there are threads. V8 makes 1,400 small objects then,
// most of which live as long as the process: malloc takes 150 instructions for each, here it is ten. They
// lie beside each other, and are never freed.
//
// V8's three caches of property look-ups (StubCache), 60 kB each, which hello world does not use, are in
// memory that nothing has touched, so that they need not be cleared.
#pragma once

namespace kiln::runtime {

// Begins to serve `new` so. Once, on the main thread; WarmMalloc() has been called.
void OpenStartMemory();

// Ends it; also when it is not open. To be called before a thread is created.
void CloseStartMemory();

}  // namespace kiln::runtime
