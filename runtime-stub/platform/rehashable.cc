// Repairs a fault of V8 13.6: one ES module in the heap makes a snapshot unrehashable. Every process
// that starts from it then has the hash seed of the builder, which is in the executable, so an
// attacker can choose keys that collide.
//
// V8 writes into a snapshot whether its tables can be rehashed, asking HeapObject::CanBeRehashed()
// for each table. That function lacks the type of the table of a module's exports, HASH_TABLE_TYPE,
// which HeapObject::NeedsRehashing() and RehashBasedOnMap() both have (src/objects/objects.cc). The
// linker's --wrap (kiln_wrapped_functions in link.cmake) directs V8's three calls of the function,
// all in serializers, to the one below.
//
// Several classes of V8 have HASH_TABLE_TYPE, but V8 rehashes all of them as ObjectHashTable, the
// class of a module's exports. So the layout of the object is checked too.
#include <v8.h>

#include <cstdint>

// HeapObject::CanBeRehashed(PtrComprCageBase) const. `object` is the HeapObject's only member, the
// tagged address; the parameter is an empty class.
extern "C" bool __real__ZNK2v88internal10HeapObject13CanBeRehashedENS0_16PtrComprCageBaseE(
    const v8::internal::Address* object);
extern "C" bool __wrap__ZNK2v88internal10HeapObject13CanBeRehashedENS0_16PtrComprCageBaseE(
    const v8::internal::Address* object);

namespace {

using v8::internal::Address;
using v8::internal::Internals;

// InstanceType::HASH_TABLE_TYPE, which Torque numbers. If it is wrong, building an app with ES
// modules fails (snapshot_builder/take_snapshot.cc).
constexpr int kHashTableType = 206;
static_assert(V8_MAJOR_VERSION == 13 && V8_MINOR_VERSION == 6 && V8_BUILD_NUMBER == 233,
              "another V8: look up HASH_TABLE_TYPE, and whether CanBeRehashed() has the case now");
static_assert(!v8::internal::PointerCompressionIsEnabled() && v8::internal::SmiValuesAre32Bits());

// An element of a FixedArray, which must be a small integer.
int SmiAt(Address array, int index) {
  return Internals::SmiValue(Internals::ReadRawField<Address>(
      array, Internals::kFixedArrayHeaderSize + index * v8::internal::kApiTaggedSize));
}

// A hash table is a FixedArray: number of elements, number of deleted elements, capacity, entries.
// ObjectHashTable's entries have two elements, key and value; those of ObjectHashSet and StringSet
// have one, of CompilationCacheTable three.
bool IsObjectHashTable(Address object) {
  constexpr int kCapacityIndex = 2, kFirstEntryIndex = 3, kEntrySize = 2;
  if (Internals::GetInstanceType(object) != kHashTableType) return false;
  int length =
      Internals::SmiValue(Internals::ReadRawField<Address>(object, v8::internal::kApiTaggedSize));
  return length > kFirstEntryIndex &&
         length == kFirstEntryIndex + kEntrySize * SmiAt(object, kCapacityIndex);
}

}  // namespace

bool __wrap__ZNK2v88internal10HeapObject13CanBeRehashedENS0_16PtrComprCageBaseE(
    const Address* object) {
  return __real__ZNK2v88internal10HeapObject13CanBeRehashedENS0_16PtrComprCageBaseE(object) ||
         IsObjectHashTable(*object);
}
