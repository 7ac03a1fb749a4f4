# Reads the descriptions of targets, targets/NAME.json (docs/adding-a-target.md explains the
# fields), and finds the one of the machine that CMake runs on.

set(KILN_DESCRIPTIONS ${CMAKE_CURRENT_LIST_DIR})

# kiln_read_target(NAME PREFIX): sets PREFIX_<FIELD> for every field of the description, arrays
# as lists, and what follows from them:
#   PREFIX_PROCESSOR    first part of the triple; compiler-rt and `uname -m` use this name
#   PREFIX_SYSROOT      headers and libraries of the target
#   PREFIX_LIB          its folder of libraries
#   PREFIX_GCC_LIB      libstdc++, libgcc and the start files of the compiler
#   PREFIX_V8           include/ and libv8_monolith.a
#   PREFIX_MERVE        include/merve.h, lib/libmerve.a
#   PREFIX_SQLITE       include/sqlite3.h, lib/libsqlite3.a
#   PREFIX_V8_OBJECTS   files of V8 that scripts/parts/v8_objects.py compiles
function(kiln_read_target name prefix)
  set(file ${KILN_DESCRIPTIONS}/${name}.json)
  if(NOT EXISTS ${file})
    message(FATAL_ERROR "There is no target ${name}: ${file} does not exist")
  endif()
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} json)
  foreach(field name description os arch triple emulation emulator loader gcc_version
                math_libraries start_order libc_start)
    string(JSON type ERROR_VARIABLE missing TYPE "${json}" ${field})
    if(missing)
      message(FATAL_ERROR "${file} has no field \"${field}\"")
    endif()
    string(JSON value GET "${json}" ${field})
    if(type STREQUAL ARRAY)
      set(items)
      string(JSON count LENGTH "${json}" ${field})
      foreach(index RANGE ${count})
        if(index LESS count)
          string(JSON item GET "${json}" ${field} ${index})
          list(APPEND items ${item})
        endif()
      endforeach()
      set(value ${items})
    endif()
    set(${field} "${value}")
    string(TOUPPER ${field} variable)
    set(${prefix}_${variable} "${value}" PARENT_SCOPE)
  endforeach()
  string(REGEX REPLACE "-.*" "" processor ${triple})
  set(sysroot ${KILN_PARTS}/sysroot-${name})
  set(${prefix}_PROCESSOR ${processor} PARENT_SCOPE)
  set(${prefix}_SYSROOT ${sysroot} PARENT_SCOPE)
  set(${prefix}_LIB ${sysroot}/usr/lib/${triple} PARENT_SCOPE)
  set(${prefix}_GCC_LIB ${sysroot}/usr/lib/gcc/${triple}/${gcc_version} PARENT_SCOPE)
  set(${prefix}_V8 ${KILN_PARTS}/v8-${name} PARENT_SCOPE)
  set(${prefix}_MERVE ${KILN_PARTS}/merve-${name} PARENT_SCOPE)
  set(${prefix}_SQLITE ${KILN_PARTS}/sqlite-${name} PARENT_SCOPE)
  set(objects json-stringifier.o deserializer.o read-only-deserializer.o
      shared-heap-deserializer.o string-table.o cpu.o flags.o heap-walker.o)
  list(TRANSFORM objects PREPEND ${KILN_PARTS}/v8-objects-${name}/)
  set(${prefix}_V8_OBJECTS ${objects} PARENT_SCOPE)
endfunction()

# Sets KILN_ALL_TARGETS, the names of all descriptions, the host's first, and KILN_HOST, the name
# of this machine's.
function(kiln_find_targets)
  file(GLOB files CONFIGURE_DEPENDS ${KILN_DESCRIPTIONS}/*.json)
  string(TOLOWER ${CMAKE_HOST_SYSTEM_NAME} host_os)
  set(host)
  set(others)
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    kiln_read_target(${name} T)
    if(NOT T_NAME STREQUAL name)
      message(FATAL_ERROR "${file} describes ${T_NAME}; a description is named after its target")
    endif()
    if(T_OS STREQUAL host_os AND T_PROCESSOR STREQUAL CMAKE_HOST_SYSTEM_PROCESSOR)
      set(host ${name})
    else()
      list(APPEND others ${name})
    endif()
  endforeach()
  if(NOT host)
    message(FATAL_ERROR "No description in ${KILN_DESCRIPTIONS} is of this machine, "
                        "${host_os} on ${CMAKE_HOST_SYSTEM_PROCESSOR}")
  endif()
  set(KILN_HOST ${host} PARENT_SCOPE)
  set(KILN_ALL_TARGETS ${host} ${others} PARENT_SCOPE)
endfunction()
kiln_find_targets()
