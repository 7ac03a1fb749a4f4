# kiln_target(NAME): everything that executables for the target NAME are linked from, in
# lib/kiln/targets/NAME of the build tree, which is laid out like an installation. README.md
# lists the files of that folder. NAME.json is the target's description; KILN_PARTS must have its
# sysroot and V8 (scripts/fetch --target NAME).
#
# Targets for CMake: kiln-runtime-NAME and kiln-main-NAME (objects), target-NAME-files (all but
# the stub), target-NAME.

set(KILN_TARGET_CODE ${CMAKE_CURRENT_LIST_DIR})

# What executables may be linked without: an archive for each component, which are named, and
# described, in snapshot/format/optional_components.h, with the objects whose path matches.
set(KILN_COMPONENTS crypto http2 brotli-encoder brotli-decoder zstd-encoder sqlite inspector)
set(KILN_OBJECTS_crypto "/bindings/(crypto|tls_wrap)/")
set(KILN_OBJECTS_http2 "/bindings/http2/")
set(KILN_OBJECTS_brotli-encoder "/bindings/zlib/brotli_encoder[.]")
set(KILN_OBJECTS_brotli-decoder "/bindings/zlib/brotli_decoder[.]")
set(KILN_OBJECTS_zstd-encoder "/bindings/zlib/zstd_encoder[.]")
set(KILN_OBJECTS_sqlite "/bindings/(sqlite/|webstorage[.])")
set(KILN_OBJECTS_inspector "/bindings/inspector/")

# One object with ICU's data for a mode of --intl.
function(kiln_icu_data mode work folder v8 triple)
  set(data ${work}/icudt-${mode}.dat)
  set(code ${KILN_TARGET_CODE}/icu)
  add_custom_command(
    OUTPUT ${data}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${work}
    COMMAND python3 ${code}/make_icu_data.py
            --archive ${v8}/libv8_monolith.a --mode ${mode} --out ${data}
    DEPENDS ${code}/make_icu_data.py ${v8}/libv8_monolith.a VERBATIM)
  add_custom_command(
    OUTPUT ${folder}/icudt-${mode}.o
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${CMAKE_C_COMPILER} --target=${triple} -DKILN_ICU_DATA="${data}"
            -DKILN_ICU_MODE=${mode} -c ${code}/icu_data.S -o ${folder}/icudt-${mode}.o
    DEPENDS ${code}/icu_data.S ${data} VERBATIM)
endfunction()

# Archives of the runtime's objects: libkiln-stub.a, and one for each optional component. Their
# paths are added to the list `out`.
function(kiln_archives name folder out)
  # A precompiled header counts as an object for CMake, but is none.
  set(objects $<FILTER:$<TARGET_OBJECTS:kiln-runtime-${name}>,EXCLUDE,[.]pch$>)
  set(stub_objects ${objects})
  foreach(component ${KILN_COMPONENTS})
    set(${component}_objects $<FILTER:${objects},INCLUDE,${KILN_OBJECTS_${component}}>)
    set(stub_objects $<FILTER:${stub_objects},EXCLUDE,${KILN_OBJECTS_${component}}>)
  endforeach()
  list(APPEND stub_objects $<TARGET_OBJECTS:kiln-main-${name}>)
  if(KILN_SANITIZE)
    list(APPEND stub_objects $<TARGET_OBJECTS:kiln-sanitizer-options>
                             $<TARGET_OBJECTS:kiln-leak-check>)
  endif()
  set(archives)
  foreach(archive stub ${KILN_COMPONENTS})
    set(file ${folder}/libkiln-${archive}.a)
    add_custom_command(
      OUTPUT ${file}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
      COMMAND ${CMAKE_COMMAND} -E rm -f ${file}
      COMMAND ${CMAKE_AR} rcsD ${file} ${${archive}_objects}
      DEPENDS ${${archive}_objects}
      COMMAND_EXPAND_LISTS VERBATIM)
    list(APPEND archives ${file})
  endforeach()
  set(${out} ${archives} PARENT_SCOPE)
endfunction()

# The first object of glibc, which asks the processor less (libc_start/make_libc_start.py), if the
# description names the folder. Sanitizers need a dynamic glibc.
function(kiln_libc_start name work out)
  kiln_read_target(${name} T)
  if(KILN_SANITIZE OR NOT T_LIBC_START)
    set(${out} PARENT_SCOPE)
    return()
  endif()
  set(code ${KILN_TARGET_CODE}/${T_LIBC_START})
  set(folder ${work}/libc-start)
  add_custom_command(
    OUTPUT ${folder}/libc-start.o
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${CMAKE_C_COMPILER} --target=${T_TRIPLE} -c ${code}/cache_sizes.S -o ${folder}/cache_sizes.o
    COMMAND ${CMAKE_OBJCOPY} -O binary --only-section=.text ${folder}/cache_sizes.o ${folder}/cache_sizes
    COMMAND python3 ${code}/make_libc_start.py --ar ${CMAKE_AR} --archive ${T_LIB}/libc.a
            --sizes ${folder}/cache_sizes --out ${folder}/libc-start.o
    DEPENDS ${code}/make_libc_start.py ${code}/cache_sizes.S ${T_LIB}/libc.a VERBATIM)
  set(${out} ${folder}/libc-start.o PARENT_SCOPE)
endfunction()

# stub.rsp: the link line of the target's executables.
function(kiln_link_line name folder work v8_archive)
  kiln_read_target(${name} T)
  kiln_stub_libraries(${name} libraries)
  kiln_wrapped_functions(wraps)
  list(PREPEND libraries ${v8_archive})
  # libm.a is a linker script that names the math libraries by absolute path.
  list(TRANSFORM T_MATH_LIBRARIES PREPEND ${T_LIB}/)
  set(system_libraries ${T_GCC_LIB}/libstdc++.a ${T_MATH_LIBRARIES}
                       ${T_GCC_LIB}/libgcc.a ${T_GCC_LIB}/libgcc_eh.a ${T_LIB}/libc.a)
  set(optional)
  set(inputs ${KILN_TARGET_CODE}/stage.py ${KILN_TARGET_CODE}/${name}.json)
  if(T_START_ORDER)
    list(APPEND optional --start-order ${KILN_TARGET_CODE}/${T_START_ORDER})
    list(APPEND inputs ${KILN_TARGET_CODE}/${T_START_ORDER})
  endif()
  if(KILN_SANITIZE)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-resource-dir
                    OUTPUT_VARIABLE clang_folder OUTPUT_STRIP_TRAILING_WHITESPACE)
    set(loader ${T_SYSROOT}/${T_LOADER})
    set(system_libraries ${T_GCC_LIB}/libstdc++.a ${T_LIB}/libm.so.6 ${T_GCC_LIB}/libgcc.a
                         ${T_GCC_LIB}/libgcc_eh.a ${T_LIB}/libc.so.6
                         ${T_LIB}/libresolv.so.2 ${T_LIB}/libc_nonshared.a ${loader})
    list(APPEND optional --sanitizer ${clang_folder}/lib/linux --processor ${T_PROCESSOR}
                         --rpath ${T_LIB} --loader ${loader})
  endif()
  set(first ${work}/v8-members/setup-isolate-deserialize.o)
  kiln_libc_start(${name} ${work} libc_start)
  add_custom_command(
    OUTPUT ${folder}/stub.rsp
    COMMAND python3 ${KILN_TARGET_CODE}/stage.py --name ${name} --out ${folder}
            --v8-include ${T_V8}/include --emulation ${T_EMULATION} --wrap ${wraps}
            --crt ${T_LIB}/crt1.o ${T_LIB}/crti.o ${T_GCC_LIB}/crtbegin.o
            --objects ${first} ${T_V8_OBJECTS} ${libc_start}
            --libs ${libraries} --system-libs ${system_libraries}
            --crt-end ${T_GCC_LIB}/crtend.o ${T_LIB}/crtn.o ${optional}
    DEPENDS ${inputs} ${first} ${T_V8_OBJECTS} ${libc_start} ${libraries}
    COMMAND_EXPAND_LISTS VERBATIM)
endfunction()

function(kiln_target name)
  kiln_read_target(${name} T)
  if(KILN_SANITIZE AND NOT name STREQUAL KILN_HOST)
    message(FATAL_ERROR "Sanitizers are for ${KILN_HOST} only; take ${name} from KILN_TARGETS")
  endif()
  foreach(part ${T_SYSROOT} ${T_V8}/libv8_monolith.a)
    if(NOT EXISTS ${part})
      message(FATAL_ERROR "${part} is missing; run: scripts/fetch --target ${name}")
    endif()
  endforeach()
  set(work ${CMAKE_CURRENT_BINARY_DIR}/${name})
  set(folder ${CMAKE_BINARY_DIR}/lib/kiln/targets/${name})

  kiln_runtime(${name})
  kiln_archives(${name} ${folder} archives)

  set(icu)
  foreach(mode full en none)
    kiln_icu_data(${mode} ${work} ${folder} ${T_V8} ${T_TRIPLE})
    list(APPEND icu ${folder}/icudt-${mode}.o)
  endforeach()

  # V8 without what executables do not need: ICU's data, which is ours, and the tables for
  # unwinding through V8, which throws nothing (1.9 MB of an executable). All functions get names, so
  # that the linker can place them; `ar d` makes the archive's index again.
  set(v8_archive ${work}/v8/libv8_monolith.a)
  add_custom_command(
    OUTPUT ${v8_archive}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${work}/v8
    COMMAND ${CMAKE_OBJCOPY} --strip-debug --remove-section=.eh_frame
            --remove-section=.rela.eh_frame ${T_V8}/libv8_monolith.a ${v8_archive}
    COMMAND python3 ${KILN_TARGET_CODE}/name_functions.py ${v8_archive}
    COMMAND ${CMAKE_AR} d ${v8_archive} icudt77_dat.o
    DEPENDS ${T_V8}/libv8_monolith.a ${KILN_TARGET_CODE}/name_functions.py VERBATIM)

  # Without V8's builtin generators: the linker must see this member before the archive.
  set(members ${work}/v8-members)
  add_custom_command(
    OUTPUT ${members}/setup-isolate-deserialize.o
    COMMAND ${CMAKE_COMMAND} -E make_directory ${members}
    COMMAND ${CMAKE_COMMAND} -E chdir ${members}
            ${CMAKE_AR} x ${T_V8}/libv8_monolith.a setup-isolate-deserialize.o
    DEPENDS ${T_V8}/libv8_monolith.a VERBATIM)
  add_custom_target(v8-members-${name} DEPENDS ${members}/setup-isolate-deserialize.o)

  kiln_link_line(${name} ${folder} ${work} ${v8_archive})

  add_custom_target(target-${name}-files DEPENDS ${folder}/stub.rsp ${archives} ${icu})
  add_dependencies(target-${name}-files v8-members-${name})

  # The runtime without an app, with all components and all of ICU's data: what takes the
  # snapshots. It is linked by kiln itself, because a snapshot fits only executables of the same
  # linker.
  add_custom_command(
    OUTPUT ${folder}/stub
    COMMAND kiln link-stub --target ${name} -o ${folder}/stub
    DEPENDS kiln ${folder}/stub.rsp ${archives} ${icu} VERBATIM)
  # Code that it would compile for each snapshot otherwise. Kiln works without this file, so targets
  # that do not run here have none.
  if(name STREQUAL KILN_HOST AND NOT KILN_SANITIZE)
    set(library_code ${folder}/library-code)
    add_custom_command(
      OUTPUT ${library_code}
      COMMAND ${folder}/stub --kiln-make-library-code ${library_code}
      DEPENDS ${folder}/stub VERBATIM)
  endif()
  add_custom_target(target-${name} ALL DEPENDS ${folder}/stub ${library_code})
  add_dependencies(target-${name} target-${name}-files)
  install(DIRECTORY ${folder} DESTINATION lib/kiln/targets USE_SOURCE_PERMISSIONS)

  if(name STREQUAL KILN_HOST)
    kiln_bare_stub(${name} ${folder}/stub ${members}/setup-isolate-deserialize.o)
  endif()
endfunction()
