#!/usr/bin/env python3
"""Packs Mozilla's root certificates into one assembler file.

make_root_certificates.py OUT FOLDER, where FOLDER holds the PEM files (*.crt) of Debian's
package ca-certificates. Writes OUT/root_certificates.zst, the certificates in DER one behind
the other, sorted by file name, and OUT/root_certificates_data.S, which includes it.
"""
import base64
import os
import re
import subprocess
import sys

PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.S)


def main():
    out, folder = sys.argv[1:3]
    ders = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".crt"):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                ders += [base64.b64decode(text) for text in PEM.findall(file.read())]
    if len(ders) < 50:
        sys.exit(f"{folder}: only {len(ders)} certificates")
    raw = os.path.join(out, "root_certificates")
    os.makedirs(out, exist_ok=True)
    with open(raw, "wb") as file:
        file.write(b"".join(ders))
    subprocess.run(["zstd", "-q", "-f", "-19", "--no-check", "--single-thread", "--rm", raw],
                   check=True)
    with open(os.path.join(out, "root_certificates_data.S"), "w", encoding="utf-8") as file:
        file.write(f"""\
# Made by make_root_certificates.py: {len(ders)} certificates.
.section .rodata.kiln_root_certificates,"a",@progbits
.balign 8
.globl kiln_root_certificates_size
.hidden kiln_root_certificates_size
kiln_root_certificates_size: .quad {sum(map(len, ders))}
.globl kiln_root_certificates
.hidden kiln_root_certificates
kiln_root_certificates: .incbin "{raw}.zst"
.globl kiln_root_certificates_end
.hidden kiln_root_certificates_end
kiln_root_certificates_end:
.section .note.GNU-stack,"",@progbits
""")


if __name__ == "__main__":
    main()
