# kiln_runtime(NAME): the objects of the runtime for the target NAME, kiln-runtime-NAME and, with
# main(), kiln-main-NAME. A source that ends in _OS.cc or _ARCH.cc, with an `os` or `arch` of some
# target's description, is compiled only for the targets that have it.

# Takes the sources of other systems and architectures than the target's out of a list.
function(kiln_choose_sources name list)
  kiln_read_target(${name} OWN)
  foreach(other ${KILN_ALL_TARGETS})
    kiln_read_target(${other} T)
    foreach(suffix ${T_OS} ${T_ARCH})
      if(NOT suffix STREQUAL OWN_OS AND NOT suffix STREQUAL OWN_ARCH)
        list(FILTER ${list} EXCLUDE REGEX "_${suffix}[.]cc$")
      endif()
    endforeach()
  endforeach()
  set(${list} ${${list}} PARENT_SCOPE)
endfunction()

function(kiln_runtime name)
  kiln_read_target(${name} T)
  kiln_flags(kiln-flags-${name} ${name} --target=${T_TRIPLE})
  target_include_directories(kiln-flags-${name} SYSTEM INTERFACE
    ${T_V8}/include ${T_MERVE}/include ${T_SQLITE}/include)
  target_compile_definitions(kiln-flags-${name} INTERFACE
    KILN_TARGET_OS="${T_OS}" KILN_TARGET_ARCH="${T_ARCH}")

  set(sources ${KILN_RUNTIME_SOURCES})
  kiln_choose_sources(${name} sources)
  add_library(kiln-runtime-${name} OBJECT ${sources} ${KILN_RUNTIME_DATA})
  add_dependencies(kiln-runtime-${name} kiln-runtime-data)
  target_link_libraries(kiln-runtime-${name} PRIVATE kiln-flags-${name})
  file(STRINGS ${T_LIB}/pkgconfig/libbrotlidec.pc brotli_version REGEX "^Version:")
  string(REGEX REPLACE "^Version: *" "" brotli_version "${brotli_version}")
  target_compile_definitions(kiln-runtime-${name} PRIVATE
    KILN_VERSION="${PROJECT_VERSION}" KILN_BROTLI_VERSION="${brotli_version}")
  # Nine tenths of compiling a binding is reading V8's headers (2.1 of 2.2 s).
  target_precompile_headers(kiln-runtime-${name} PRIVATE
    <v8.h> <v8-fast-api-calls.h> <uv.h> <functional> <map> <memory> <optional> <span> <string>
    <unordered_map> <variant> <vector>)
  target_compile_options(kiln-runtime-${name} PRIVATE -Xclang -fno-pch-timestamp)

  # libFuzzer is told which code ran of what tests/fuzz feeds with hostile bytes. Programs
  # without the fuzzer get empty hooks from the sanitizers.
  if(KILN_SANITIZE)
    set(fuzzed ${sources})
    list(FILTER fuzzed INCLUDE REGEX
         "/bindings/(crypto/|http2/|http_parser/|sqlite/|tls_wrap/|zlib/|js_stream[.]|stream_pipe[.])")
    set_source_files_properties(${fuzzed} PROPERTIES COMPILE_OPTIONS
      "-fsanitize-coverage=inline-8bit-counters,indirect-calls,trace-cmp,pc-table")
  endif()

  add_library(kiln-main-${name} OBJECT ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/main.cc)
  target_link_libraries(kiln-main-${name} PRIVATE kiln-flags-${name})
endfunction()
