// Env's class templates: created on first use, added to a snapshot with their index in
// AllClasses(), and fetched from the snapshot when the class is first used after a start.
#include "runtime-stub/binding/registry.h"

namespace kiln::runtime {

v8::Local<v8::FunctionTemplate> Env::Template(const ClassEntry& entry) {
  auto it = templates_.find(&entry);
  if (it != templates_.end()) return it->second.Get(isolate);
  v8::Local<v8::FunctionTemplate> made;
  if (auto frozen = frozen_templates_.find(&entry); frozen != frozen_templates_.end())
    made = isolate->GetDataFromSnapshotOnce<v8::FunctionTemplate>(frozen->second).ToLocalChecked();
  else
    made = MakeTemplate(*this, entry);
  templates_[&entry].Reset(isolate, made);
  return made;
}

v8::Local<v8::Function> Env::Constructor(const ClassEntry& entry) {
  return Template(entry)->GetFunction(context()).ToLocalChecked();
}

v8::Local<v8::Object> Env::NewInstance(const ClassEntry& entry) {
  return Template(entry)->InstanceTemplate()->NewInstance(context()).ToLocalChecked();
}

std::vector<const ClassEntry*> Env::templated_classes() const {
  std::vector<const ClassEntry*> list;
  for (const ClassEntry* c : AllClasses())
    if (templates_.contains(c)) list.push_back(c);
  return list;
}

void Env::FreezeTemplates(v8::SnapshotCreator& creator) {
  std::vector<v8::Local<v8::Value>> ordinals;
  auto& all = AllClasses();
  size_t next = 0;
  for (size_t i = 0; i < all.size(); i++) {
    auto it = templates_.find(all[i]);
    if (it == templates_.end()) continue;
    size_t index = creator.AddData(it->second.Get(isolate));
    CHECK(index == next++);
    ordinals.push_back(v8::Integer::New(isolate, int(i)));
  }
  Set(Slot::kTemplates, v8::Array::New(isolate, ordinals.data(), ordinals.size()));
  templates_.clear();
}

void Env::CopyTemplateList(v8::Local<v8::Context> other) {
  auto list = Get(Slot::kTemplates).As<v8::Array>();
  std::vector<v8::Local<v8::Value>> ordinals;
  for (uint32_t i = 0; i < list->Length(); i++)
    ordinals.push_back(list->Get(context(), i).ToLocalChecked());
  v8::Context::Scope entered(other);
  other->SetEmbedderData(kSlotBase + int(Slot::kTemplates),
                         v8::Array::New(isolate, ordinals.data(), ordinals.size()));
}

void Env::RestoreTemplates() {
  v8::HandleScope scope(isolate);
  auto list = Get(Slot::kTemplates).As<v8::Array>();
  auto& all = AllClasses();
  for (uint32_t i = 0; i < list->Length(); i++) {
    auto ordinal = list->Get(context(), i).ToLocalChecked().As<v8::Integer>()->Value();
    frozen_templates_[all[ordinal]] = i;
  }
}

}  // namespace kiln::runtime
