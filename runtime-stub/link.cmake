# What the runtime is linked with, and kiln-stub: the runtime linked by clang, which needs no
# kiln and is what tests of native code run. It is non-PIE static with the ordinary crtbegin.o,
# because crtbeginT.o registers all of .eh_frame at start (41 % of the instructions of a small
# program), with identical-code folding and without V8's builtin generators.

# The libraries of a target, in the order of the link line, behind V8's archive.
function(kiln_stub_libraries name out)
  kiln_read_target(${name} T)
  set(libraries uv llhttp cares nghttp2 ssl crypto ada simdjson_static merve
                hdr_histogram_static sqlite3 zstd brotlienc brotlidec brotlicommon z)
  list(TRANSFORM libraries REPLACE "(.+)" "${T_LIB}/lib\\1.a")
  list(TRANSFORM libraries REPLACE ".*/libmerve.a" ${T_MERVE}/lib/libmerve.a)
  list(TRANSFORM libraries REPLACE ".*/libsqlite3.a" ${T_SQLITE}/lib/libsqlite3.a)
  set(${out} ${libraries} PARENT_SCOPE)
endfunction()

# Functions of V8 and OpenSSL that the runtime replaces by its own (the linker's --wrap), for every link of the
# runtime.
function(kiln_wrapped_functions out)
  # runtime-stub/platform/rehashable.cc: HeapObject::CanBeRehashed(PtrComprCageBase) const
  # runtime-stub/platform/scavenge_roots.cc: SerializerDeserializer::IterateStartupObjectCache() and
  # IterateSharedHeapObjectCache(), both (Isolate*, RootVisitor*)
  # runtime-stub/platform/heap_objects.cc: Heap::CollectAllAvailableGarbage(GarbageCollectionReason)
  # runtime-stub/platform/context_features.cc: SaveContext::SaveContext(Isolate*), ~SaveContext()
  # runtime-stub/platform/process_layout_linux.cc: base::OS::RemapPages(),
  # base::Stack::ObtainCurrentThreadStackStart()
  # runtime-stub/platform/page_allocator_linux.cc: base::OS::SetPermissions()
  # runtime-stub/library/module_code.cc: FlagList::Hash()
  # runtime-stub/platform/posix_locale.cc: icu::Locale::Locale(const char*, const char*, const char*, const char*),
  # icu::Locale::createCanonical(const char*)
  # runtime-stub/platform/start_memory.cc: StubCache::StubCache(Isolate*), StubCache::Initialize(),
  # MarkingBitmap::IsClean()
  # runtime-stub/bindings/inspector/regex_context.cc: V8InspectorImpl::regexContext()
  # runtime-stub/bindings/crypto/common/error_state.cc: ossl_err_get_state_int()
  # runtime-stub/bindings/crypto/common/packet_writer.cc: WPACKET_…()
  set(serializer _ZN2v88internal22SerializerDeserializer)
  set(${out} _ZNK2v88internal10HeapObject13CanBeRehashedENS0_16PtrComprCageBaseE
             ${serializer}25IterateStartupObjectCacheEPNS0_7IsolateEPNS0_11RootVisitorE
             ${serializer}28IterateSharedHeapObjectCacheEPNS0_7IsolateEPNS0_11RootVisitorE
             _ZN2v88internal4Heap26CollectAllAvailableGarbageENS0_23GarbageCollectionReasonE
             _ZN2v88internal11SaveContextC1EPNS0_7IsolateE _ZN2v88internal11SaveContextD1Ev
             _ZN2v84base2OS10RemapPagesEPKvmPvNS1_16MemoryPermissionE
             _ZN2v84base5Stack29ObtainCurrentThreadStackStartEv
             _ZN2v84base2OS14SetPermissionsEPvmNS1_16MemoryPermissionE
             _ZN2v88internal8FlagList4HashEv
             _ZN6icu_776LocaleC1EPKcS2_S2_S2_ _ZN6icu_776Locale15createCanonicalEPKc
             _ZN2v88internal9StubCacheC1EPNS0_7IsolateE _ZN2v88internal9StubCache10InitializeEv
             _ZNK2v88internal13MarkingBitmap7IsCleanEv
             _ZN12v8_inspector15V8InspectorImpl12regexContextEv
             ossl_err_get_state_int
             WPACKET_reserve_bytes WPACKET_allocate_bytes WPACKET_put_bytes__
             PARENT_SCOPE)
endfunction()

# kiln_bare_stub(NAME STUB MEMBERS…): STUB is what kiln links; MEMBERS are those of the V8
# archive that must win over others of it.
function(kiln_bare_stub name stub)
  set(folder ${CMAKE_BINARY_DIR}/runtime-stub)
  # Sanitizers need a dynamic libc, which the link below does not provide. What kiln links has
  # it (targets/stage.py), so with them kiln-stub is the same file.
  if(KILN_SANITIZE)
    add_custom_command(
      OUTPUT ${folder}/kiln-stub
      COMMAND ${CMAKE_COMMAND} -E create_hardlink ${stub} ${folder}/kiln-stub
      DEPENDS ${stub} VERBATIM)
    add_custom_target(kiln-stub ALL DEPENDS ${folder}/kiln-stub)
    return()
  endif()
  kiln_read_target(${name} T)
  kiln_stub_libraries(${name} libraries)
  kiln_wrapped_functions(wraps)
  list(TRANSFORM wraps PREPEND -Wl,--wrap=)
  add_executable(kiln-stub)
  add_dependencies(kiln-stub v8-members-${name})
  set_target_properties(kiln-stub PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${folder})
  target_link_options(kiln-stub PRIVATE
    --sysroot=${T_SYSROOT} -fuse-ld=lld -static -no-pie -nostartfiles
    -Wl,--eh-frame-hdr -Wl,--gc-sections -Wl,--icf=all -Wl,--build-id=none ${wraps}
    ${T_LIB}/crt1.o ${T_LIB}/crti.o ${T_GCC_LIB}/crtbegin.o)
  target_link_libraries(kiln-stub PRIVATE
    kiln-main-${name} kiln-runtime-${name} ${ARGN} ${T_V8_OBJECTS}
    ${T_V8}/libv8_monolith.a ${libraries}
    -Wl,--start-group stdc++ m ${T_GCC_LIB}/libgcc.a ${T_GCC_LIB}/libgcc_eh.a c -Wl,--end-group
    ${T_GCC_LIB}/crtend.o ${T_LIB}/crtn.o)

  # Every native name that the library uses exists, or the build stops.
  set(library ${CMAKE_SOURCE_DIR}/runtime-stub/library)
  set(checked ${folder}/library/native_names_checked)
  add_custom_command(
    OUTPUT ${checked}
    COMMAND kiln-stub --no-warnings --expose-internals
            ${library}/check_native_names.js ${KILN_USED_NATIVE_NAMES}
    COMMAND ${CMAKE_COMMAND} -E touch ${checked}
    DEPENDS kiln-stub ${KILN_USED_NATIVE_NAMES} ${library}/check_native_names.js
            ${library}/missing_native_names.txt
    VERBATIM)
  add_custom_target(native-names ALL DEPENDS ${checked})
endfunction()
