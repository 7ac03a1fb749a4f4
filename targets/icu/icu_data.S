// ICU's data of one mode of --intl, under the name that ICU looks for, which the linker takes
// from the first of these objects that it meets, and under the mode's own name
// (runtime-stub/payload/icu_data.cc).
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME JOIN(kiln_icu_, KILN_ICU_MODE)
        .section .rodata.icudt77_dat,"a",%progbits
        .balign 16
        .globl NAME
        .type NAME,%object
        .weak icudt77_dat
        .type icudt77_dat,%object
NAME:
icudt77_dat:
        .incbin KILN_ICU_DATA
        .size icudt77_dat, . - icudt77_dat
        .size NAME, . - NAME
        .section .note.GNU-stack,"",%progbits
