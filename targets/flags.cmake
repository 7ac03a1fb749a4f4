# kiln_flags(LIBRARY NAME [FLAGS…]): an interface library with the compile flags of code that
# runs on the target NAME. The host's programs and each target's runtime link one of these, and
# no flag is set for a whole directory, so none can reach the code of another system.
#
# Exceptions and RTTI are off; paths of this machine stay out of the objects.
function(kiln_flags library name)
  kiln_read_target(${name} T)
  add_library(${library} INTERFACE)
  target_compile_options(${library} INTERFACE ${ARGN}
    --sysroot=${T_SYSROOT} --gcc-install-dir=${T_GCC_LIB}
    -fno-pie -ffunction-sections -fdata-sections -Wall -Wextra
    -Wno-unused-parameter -Wno-missing-field-initializers
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${CMAKE_BINARY_DIR}/=build/
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
  # A finding ends the program. Locals stay on the stack itself: V8 compares the addresses of
  # TryCatch objects with those of JavaScript's frames.
  if(KILN_SANITIZE)
    target_compile_options(${library} INTERFACE
      -fsanitize=${KILN_SANITIZE} -fno-sanitize-recover=all
      -fsanitize-address-use-after-return=never -fno-omit-frame-pointer -g1)
  endif()
endfunction()
