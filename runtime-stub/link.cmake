# Link rules of the stub (architecture.md, 3 and 4): non-PIE static with the ordinary
# crtbegin.o, because crtbeginT.o registers all of .eh_frame at start (41 % of the
# instructions of a small program); identical-code folding; V8 without its builtin
# generators.

set(SYSROOT_LIB ${KILN_SYSROOT}/usr/lib/x86_64-linux-gnu)
set(GCC_LIB ${KILN_SYSROOT}/usr/lib/gcc/x86_64-linux-gnu/14)

set(KILN_STUB_LIBS
    ${KILN_V8}/libv8_monolith.a
    ${SYSROOT_LIB}/libuv.a ${SYSROOT_LIB}/libllhttp.a ${SYSROOT_LIB}/libcares.a
    ${SYSROOT_LIB}/libnghttp2.a ${SYSROOT_LIB}/libssl.a ${SYSROOT_LIB}/libcrypto.a
    ${SYSROOT_LIB}/libada.a ${SYSROOT_LIB}/libsimdjson_static.a ${KILN_MERVE}/lib/libmerve.a
    ${SYSROOT_LIB}/libhdr_histogram_static.a
    ${SYSROOT_LIB}/libzstd.a ${SYSROOT_LIB}/libbrotlienc.a ${SYSROOT_LIB}/libbrotlidec.a
    ${SYSROOT_LIB}/libbrotlicommon.a ${SYSROOT_LIB}/libz.a)

# Files of V8 that are ours (scripts/parts/v8_objects.py): met before the archive.
set(KILN_V8_OBJECTS ${KILN_PARTS}/v8-objects-linux-x64/json-stringifier.o)

if(KILN_SANITIZE)
  return()
endif()

# Members of the V8 archive that must win over others of it.
set(V8_MEMBERS ${CMAKE_CURRENT_BINARY_DIR}/v8-members)
add_custom_command(
  OUTPUT ${V8_MEMBERS}/setup-isolate-deserialize.o
  COMMAND ${CMAKE_COMMAND} -E make_directory ${V8_MEMBERS}
  COMMAND ${CMAKE_COMMAND} -E chdir ${V8_MEMBERS} ${CMAKE_AR} x ${KILN_V8}/libv8_monolith.a
          setup-isolate-deserialize.o
  DEPENDS ${KILN_V8}/libv8_monolith.a VERBATIM)
add_custom_target(v8-members DEPENDS ${V8_MEMBERS}/setup-isolate-deserialize.o)
add_dependencies(kiln-stub v8-members)

target_link_options(kiln-stub PRIVATE
  --sysroot=${KILN_SYSROOT} -fuse-ld=lld -static -no-pie -nostartfiles
  -Wl,--eh-frame-hdr -Wl,--gc-sections -Wl,--icf=all -Wl,--build-id=none
  ${SYSROOT_LIB}/crt1.o ${SYSROOT_LIB}/crti.o ${GCC_LIB}/crtbegin.o)
target_link_libraries(kiln-stub PRIVATE
  kiln-main kiln-runtime ${V8_MEMBERS}/setup-isolate-deserialize.o ${KILN_V8_OBJECTS}
  ${KILN_STUB_LIBS}
  -Wl,--start-group stdc++ m ${GCC_LIB}/libgcc.a ${GCC_LIB}/libgcc_eh.a c -Wl,--end-group
  ${GCC_LIB}/crtend.o ${SYSROOT_LIB}/crtn.o)
