// The list of bindings (bindings.inc) and what is derived from it: the objects that
// internalBinding() returns, class templates, and the external references of snapshots. The
// snapshot builder and the executable must have equal lists, so that a reference has the same index
// in both; ReferenceHash() proves it. SelectComponents() is for the start of the process; the lists
// are constant afterwards and may be read on any thread. Functions with an Env are for its thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "runtime-stub/binding/binding.h"
#include "snapshot/format/optional_components.h"

namespace kiln::runtime {

// Restricts the lists below to these optional components: the binding of any other component is
// replaced by its substitute (bindings/unavailable.h), even if its code is linked. Call it before
// any other function here; without a call all are selected.
void SelectComponents(OptionalComponents components);
OptionalComponents SelectedComponents();

std::span<const Binding* const> AllBindings();
const Binding* FindBinding(std::string_view name);  // null if there is none

// Creates the object of a binding in the main context. For internalBinding() only, which caches it:
// a second object would have its own functions.
v8::Local<v8::Object> Instantiate(Env& env, const Binding& binding);

// The table for v8::Isolate::CreateParams::external_references: zero-terminated, created once,
// lives as long as the process.
const std::vector<intptr_t>& ExternalReferences();
// FNV-1a over the names of the references, in order. Equal lists have equal hashes in builds with
// different addresses.
uint64_t ReferenceHash();
// Creates the template of a class. For Env::Template(), which caches it.
v8::Local<v8::FunctionTemplate> MakeTemplate(Env& env, const ClassEntry& entry);
// The constructor callback of classes that JavaScript cannot construct: throws
// ERR_ILLEGAL_CONSTRUCTOR.
void IllegalConstructor(const Args& args);
// These append external references that are in no binding's table. registry.cc calls them; they are
// defined in:
void LibraryReferences(std::vector<intptr_t>& out);  // library/library.cc: external strings
void ProcessReferences(std::vector<intptr_t>& out);  // bindings/process_methods/process_object.cc
void BootReferences(std::vector<intptr_t>& out);     // thread/boot.cc: the realm's loaders
// All classes of all bindings in table order, each after its parent.
const std::vector<const ClassEntry*>& AllClasses();

}  // namespace kiln::runtime
