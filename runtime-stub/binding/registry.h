// The list of bindings, and what is derived from it: the object a binding is for
// JavaScript, and the external references of the snapshot. Builder and executable link
// this same list, so a reference has the same index in both.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "runtime-stub/binding/binding.h"
#include "snapshot/format/optional_components.h"

namespace kiln::runtime {

// Restricts the lists below to these optional components: a binding of another is replaced by its
// substitute (bindings/unavailable.h), whether its code is linked or not. Without a call all are
// selected; call it before any other function here.
void SelectComponents(OptionalComponents components);
OptionalComponents SelectedComponents();

std::span<const Binding* const> AllBindings();
const Binding* FindBinding(std::string_view name);  // null when there is none

// Makes a new binding object in the main context. Each is made once (internalBinding
// caches it), so call this from there only.
v8::Local<v8::Object> Instantiate(Env& env, const Binding& binding);

// Zero-terminated, as V8 wants it. Built once.
const std::vector<intptr_t>& ExternalReferences();
// FNV-1a over the names in table order: equal tables have equal hashes.
uint64_t ReferenceHash();
// Makes the template of a class; Env::Template caches it.
v8::Local<v8::FunctionTemplate> MakeTemplate(Env& env, const ClassEntry& entry);
// The callback of classes that JavaScript cannot construct.
void IllegalConstructor(const Args& args);
// External references that are in no binding's table. Declared here, because the list has them
// all, and defined where they come from:
void LibraryReferences(std::vector<intptr_t>& out);  // library/library.cc: external strings
void ProcessReferences(std::vector<intptr_t>& out);  // bindings/process_methods/process_object.cc
void BootReferences(std::vector<intptr_t>& out);     // thread/boot.cc: the realm's loaders
// All classes in table order (parents first).
const std::vector<const ClassEntry*>& AllClasses();

}  // namespace kiln::runtime
