// Kiln: writes the whole heap as text that does not depend on where objects are, so that the heaps of
// two processes can be compared: kiln_walk_heap(). From the roots, in V8's order, objects get numbers when
// they are first referred to, and each is a line: its number, type, size and words. A word is
//
//   #N, w#N       a reference to object N, a weak one      rP:O      to the read-only heap, page and offset
//   s-1           a small integer                          cleared   a weak reference that was cleared
//   xff           other bytes
//
// What differs between processes is written by its contents: functions' entries of the table of code,
// the memory of buffers and of external strings. Addresses outside of the executable and the numbers of
// functions are left out. Hashes of strings are computed first. What is checked, with a line "fault …" for
// each that is wrong: V8's table of strings finds each string that it has, and has all that are reachable;
// hashes are those of the contents; functions have different numbers.

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "src/api/api-inl.h"
#include "src/common/assert-scope.h"
#include "src/execution/isolate.h"
#include "src/heap/heap-inl.h"
#include "src/heap/read-only-spaces.h"
#include "src/heap/visit-object.h"
#include "src/objects/feedback-cell-inl.h"
#include "src/objects/js-array-buffer-inl.h"
#include "src/objects/js-function-inl.h"
#include "src/objects/objects-inl.h"
#include "src/objects/shared-function-info-inl.h"
#include "src/objects/slots-inl.h"
#include "src/objects/string-inl.h"
#include "src/objects/string-table.h"
#include "src/objects/visitors.h"
#include "src/sandbox/js-dispatch-table-inl.h"

// Of the executable, from the linker.
extern "C" const char __executable_start, _end;

namespace v8::internal {

namespace {

uint64_t HashOf(const void* data, size_t size) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < size; i++) {
    hash = (hash ^ static_cast<const uint8_t*>(data)[i]) * 1099511628211u;
  }
  return hash;
}

class HeapWalker final : public RootVisitor, public ObjectVisitor {
 public:
  HeapWalker(Isolate* isolate, FILE* out) : isolate_(isolate), out_(out) {}

  void Walk() {
    isolate_->heap()->IterateRoots(
        this, {SkipRoot::kStack, SkipRoot::kConservativeStack, SkipRoot::kWeak});
    for (; next_ < objects_.size(); next_++) Print(objects_[next_]);
    CheckStrings();
    fprintf(out_, "objects %zu bytes %zu\n", objects_.size(), bytes_);
  }

  size_t objects() const { return objects_.size(); }
  size_t bytes() const { return bytes_; }
  size_t faults() const { return faults_; }

 private:
  // The string table's elements.
  class Strings final : public RootVisitor {
   public:
    void VisitRootPointers(Root, const char*, FullObjectSlot, FullObjectSlot) override {}
    void VisitRootPointers(Root, const char*, OffHeapObjectSlot start,
                           OffHeapObjectSlot end) override {
      PtrComprCageBase cage = GetPtrComprCageBase();
      for (OffHeapObjectSlot slot = start; slot < end; ++slot) {
        Tagged<Object> value = slot.load(cage);
        if (IsHeapObject(value)) all.insert(value.ptr());
      }
    }
    std::unordered_set<Address> all;
  };

  void Synchronize(VisitorSynchronization::SyncTag tag) override {
    fprintf(out_, "roots until %d\n", static_cast<int>(tag));
  }
  void VisitRootPointers(Root root, const char*, FullObjectSlot start,
                         FullObjectSlot end) override {
    fprintf(out_, "root %d", static_cast<int>(root));
    for (FullObjectSlot slot = start; slot < end; ++slot) PrintTagged((*slot).ptr());
    fputc('\n', out_);
  }

  void VisitPointers(Tagged<HeapObject>, ObjectSlot start, ObjectSlot end) override {
    Mark(start.address(), end.address());
  }
  void VisitPointers(Tagged<HeapObject>, MaybeObjectSlot start, MaybeObjectSlot end) override {
    Mark(start.address(), end.address());
  }
  void VisitInstructionStreamPointer(Tagged<Code>, InstructionStreamSlot slot) override {
    Mark(slot.address(), slot.address() + kTaggedSize);
  }
  void VisitProtectedPointer(Tagged<TrustedObject>, ProtectedPointerSlot slot) override {
    Mark(slot.address(), slot.address() + kTaggedSize);
  }
  void VisitProtectedPointer(Tagged<TrustedObject>, ProtectedMaybeObjectSlot slot) override {
    Mark(slot.address(), slot.address() + kTaggedSize);
  }
  void VisitMapPointer(Tagged<HeapObject>) override {}
  void VisitJSDispatchTableEntry(Tagged<HeapObject>, JSDispatchHandle handle) override {
    dispatch_ = handle;
    has_dispatch_ = true;
  }

  void Mark(Address start, Address end) {
    for (; start < end; start += kTaggedSize) tagged_[(start - current_) / kTaggedSize] = true;
  }

  void PrintTagged(Address value) {
    if ((value & kHeapObjectTag) == 0) {
      fprintf(out_, " s%" PRIdPTR, static_cast<intptr_t>(value) >> 32);
      if (value & 0xffffffff) fprintf(out_, "+%x", static_cast<uint32_t>(value));
      return;
    }
    if (static_cast<uint32_t>(value) == kClearedWeakHeapObjectLower32) {
      fputs(" cleared", out_);
      return;
    }
    const bool is_weak = (value & kHeapObjectTagMask) == kWeakHeapObjectTag;
    PrintReference(value & ~kWeakHeapObjectMask, is_weak);
  }

  void PrintReference(Address address, bool is_weak) {
    const char* weak = is_weak ? "w" : "";
    const std::vector<ReadOnlyPageMetadata*>& pages = isolate_->heap()->read_only_space()->pages();
    for (size_t i = 0; i < pages.size(); i++) {
      Address page = pages[i]->ChunkAddress();
      if (address >= page && address < page + pages[i]->size()) {
        fprintf(out_, " %sr%zu:%" PRIxPTR, weak, i, address - page);
        return;
      }
    }
    auto [found, is_new] = numbers_.emplace(address, objects_.size());
    if (is_new) objects_.push_back(address);
    fprintf(out_, " %s#%zu", weak, found->second);
  }

  void Fault(size_t number, const char* what) {
    faults_++;
    fprintf(out_, "fault %zu %s\n", number, what);
  }

  void Print(Address address) {
    Tagged<HeapObject> object = Cast<HeapObject>(Tagged<Object>(address));
    Tagged<Map> map = object->map();
    const InstanceType type = map->instance_type();
    const int size = object->SizeFromMap(map);
    bytes_ += size;
    if (type == SHARED_FUNCTION_INFO_TYPE &&
        !ids_.insert(Cast<SharedFunctionInfo>(object)->unique_id()).second) {
      Fault(next_, "the number of a function is another one's, too");
    }
    if (InstanceTypeChecker::IsString(type)) {
      Tagged<String> string = Cast<String>(object);
      const uint32_t raw = string->raw_hash_field();
      if (Name::IsHashFieldComputed(raw) && string->length() > 0) CheckHash(string, raw);
      string->EnsureHash();
    }
    current_ = address - kHeapObjectTag;
    tagged_.assign(size / kTaggedSize, false);
    has_dispatch_ = false;
    VisitObjectBody(isolate_, map, object, this);
    fprintf(out_, "%zu t%d %d", next_, type, size);
    PrintTagged(map.ptr());
    for (int word = 1; word < size / kTaggedSize; word++) {
      Address value;
      memcpy(&value, reinterpret_cast<void*>(current_ + word * kTaggedSize), sizeof value);
      if (tagged_[word]) {
        PrintTagged(value);
      } else {
        PrintBytes(object, type, word * kTaggedSize, value);
      }
    }
    if (InstanceTypeChecker::IsJSArrayBuffer(type)) {
      Tagged<JSArrayBuffer> buffer = Cast<JSArrayBuffer>(object);
      fprintf(out_, " memory %zx", size_t(HashOf(buffer->backing_store(), buffer->byte_length())));
    } else if (InstanceTypeChecker::IsExternalString(type)) {
      Tagged<String> string = Cast<String>(object);
      uint64_t hash = 0;
      for (uint32_t i = 0; i < string->length(); i++)
        hash = (hash ^ string->Get(i)) * 1099511628211u;
      fprintf(out_, " characters %" PRIx64, hash);
    }
    if (has_dispatch_) PrintDispatch();
    fputc('\n', out_);
  }

  // What an address of this process would be is replaced.
  void PrintBytes(Tagged<HeapObject> object, InstanceType type, int offset, Address value) {
    if (has_dispatch_ && static_cast<uint32_t>(value) == dispatch_.value()) {
      const bool is_function = InstanceTypeChecker::IsJSFunction(type);
      if (offset ==
          (is_function ? JSFunction::kDispatchHandleOffset : FeedbackCell::kDispatchHandleOffset)) {
        value = value >> 32 << 32;
      }
    }
    if (InstanceTypeChecker::IsJSArrayBuffer(type)) {
      if (offset == JSArrayBuffer::kBackingStoreOffset ||
          offset == JSArrayBuffer::kExtensionOffset) {
        value = value != 0;
      }
    } else if (InstanceTypeChecker::IsJSTypedArray(type)) {
      Tagged<JSTypedArray> array = Cast<JSTypedArray>(object);
      if (offset == JSTypedArray::kExternalPointerOffset && !array->is_on_heap()) {
        value -= reinterpret_cast<Address>(array->buffer()->backing_store());
      }
    } else if (InstanceTypeChecker::IsJSDataViewOrRabGsabDataView(type)) {
      if (offset == JSDataViewOrRabGsabDataView::kDataPointerOffset) {
        value -= reinterpret_cast<Address>(
            Cast<JSArrayBuffer>(Cast<JSDataViewOrRabGsabDataView>(object)->buffer())
                ->backing_store());
      }
    } else if (InstanceTypeChecker::IsExternalString(type)) {
      if (offset >= 2 * kTaggedSize) value = 0;
    } else if (type == NATIVE_CONTEXT_TYPE) {
      if (offset == NativeContext::kMicrotaskQueueOffset) value = value != 0;
    } else if (type == FOREIGN_TYPE || type == WASM_CONTINUATION_OBJECT_TYPE) {
      const bool is_constant = value >= reinterpret_cast<Address>(&__executable_start) &&
                               value < reinterpret_cast<Address>(&_end);
      if (!is_constant) value = value != 0;
    } else if (type == SHARED_FUNCTION_INFO_TYPE) {
      const int place = SharedFunctionInfo::kUniqueIdOffset - offset;
      if (place == 0 || place == 4) value &= place == 0 ? ~Address{0xffffffff} : 0xffffffff;
    }
    fprintf(out_, " x%" PRIxPTR, value);
  }

  void PrintDispatch() {
    if (dispatch_ == kNullJSDispatchHandle) {
      fputs(" no code", out_);
      return;
    }
    JSDispatchTable* table = IsolateGroup::current()->js_dispatch_table();
    fprintf(out_, " code %d", table->GetParameterCount(dispatch_));
    PrintTagged(table->GetCode(dispatch_).ptr());
  }

  void CheckHash(Tagged<String> string, uint32_t raw) {
    DisallowGarbageCollection no_gc;
    SharedStringAccessGuardIfNeeded guard(isolate_);
    const HashSeed seed(isolate_);
    uint32_t wanted;
    String::FlatContent content = string->GetFlatContent(no_gc, guard);
    if (!content.IsFlat()) return;
    if (content.IsOneByte()) {
      wanted = StringHasher::HashSequentialString(content.ToOneByteVector().begin(),
                                                  string->length(), seed);
    } else {
      wanted = StringHasher::HashSequentialString(content.ToUC16Vector().begin(), string->length(),
                                                  seed);
    }
    if (wanted != raw) Fault(next_, "the hash of a string is not that of its contents");
  }

  void CheckStrings() {
    Strings strings;
    isolate_->string_table()->IterateElements(&strings);
    std::vector<std::string> others;
    size_t reachable = 0;
    for (size_t i = 0; i < objects_.size(); i++) {
      Tagged<HeapObject> object = Cast<HeapObject>(Tagged<Object>(objects_[i]));
      if (!IsInternalizedString(object)) continue;
      reachable++;
      if (strings.all.count(objects_[i]) == 0) Fault(i, "a string is not in V8's table of strings");
    }
    for (Address address : strings.all) {
      HandleScope scope(isolate_);
      Tagged<String> string = Cast<String>(Tagged<Object>(address));
      if (!IsInternalizedString(string)) Fault(0, "V8's table of strings has another object");
      if (string->length() == 0) continue;
      std::vector<uint16_t> characters(string->length());
      String::WriteToFlat(string, characters.data(), 0, string->length());
      const bool is_narrow = string->IsOneByteRepresentation();
      std::vector<uint8_t> narrow(characters.begin(), characters.end());
      DirectHandle<String> found =
          is_narrow ? isolate_->factory()->InternalizeString(base::VectorOf(narrow))
                    : isolate_->factory()->InternalizeString(base::VectorOf(characters));
      if ((*found).ptr() != address)
        Fault(0, "V8's table of strings does not find one of its strings");
      if (numbers_.count(address) == 0) {
        char text[40];
        snprintf(text, sizeof text, "%zx",
                 size_t(HashOf(characters.data(), 2 * characters.size())));
        others.push_back(text);
      }
    }
    std::sort(others.begin(), others.end());
    fprintf(out_, "table of strings: %zu reachable, and", reachable);
    for (const std::string& other : others) fprintf(out_, " %s", other.c_str());
    fputc('\n', out_);
  }

  Isolate* const isolate_;
  FILE* const out_;
  std::unordered_map<Address, size_t> numbers_;
  std::vector<Address> objects_;
  std::unordered_set<uint32_t> ids_;  // of SharedFunctionInfos
  size_t next_ = 0;
  size_t bytes_ = 0;
  size_t faults_ = 0;
  // Of the object that is printed.
  Address current_ = kNullAddress;
  std::vector<bool> tagged_;
  JSDispatchHandle dispatch_ = kNullJSDispatchHandle;
  bool has_dispatch_ = false;
};

}  // namespace

}  // namespace v8::internal

// Writes the heap to `out`. Returns the number of faults, and of the objects and bytes.
extern "C" size_t kiln_walk_heap(v8::Isolate* isolate, FILE* out, size_t* objects, size_t* bytes);
size_t kiln_walk_heap(v8::Isolate* isolate, FILE* out, size_t* objects, size_t* bytes) {
  v8::internal::HeapWalker walker(reinterpret_cast<v8::internal::Isolate*>(isolate), out);
  walker.Walk();
  *objects = walker.objects();
  *bytes = walker.bytes();
  return walker.faults();
}
