// ICU's data under the name that ICU looks for. The linker takes this one instead of the
// member of the V8 archive, because it is met first.
        .section .rodata.icudt77_dat,"a",%progbits
        .balign 16
        .globl icudt77_dat
        .type icudt77_dat,%object
icudt77_dat:
        .incbin KILN_ICU_DATA
        .size icudt77_dat, . - icudt77_dat
        .section .note.GNU-stack,"",%progbits
