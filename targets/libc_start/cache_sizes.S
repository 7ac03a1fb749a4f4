// handle_intel(name) of libc-start.o from its third instruction on: the size of a cache, by the names of
// sysconf() from _SC_LEVEL1_ICACHE_SIZE (185) to _SC_LEVEL4_CACHE_SIZE (197). glibc derives from these
// when memcpy() and memset() take other instructions; the values are those of a common processor. It
// leaves memory beyond 6 MiB (3/4 of the third level) uncached when it copies.
  .text
  leal -185(%rdi), %eax
  cmpl $12, %eax
  ja 1f
  leaq sizes(%rip), %rdx
  movl (%rdx,%rax,4), %eax
  ret
1:
  xorl %eax, %eax
  ret
sizes:
  .long 32768, 8, 64       // first level, instructions: size, associativity, line
  .long 32768, 8, 64       // first level, data
  .long 1048576, 16, 64    // second level
  .long 8388608, 16, 64    // third level
  .long 0                  // fourth level
