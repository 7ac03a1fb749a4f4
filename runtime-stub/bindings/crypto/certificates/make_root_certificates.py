#!/usr/bin/env python3
"""Packs the root certificates of Node (Mozilla's) into one assembler file.

make_root_certificates.py OUT NODE, where NODE is the official node: an app trusts those of its
tls.rootCertificates, in the same order. Writes OUT/root_certificates.zst, the certificates in DER
one behind the other, and OUT/root_certificates_data.S, which includes it.
"""
import base64
import json
import os
import subprocess
import sys

LIST = "process.stdout.write(JSON.stringify(require('tls').rootCertificates))"


def der_of(pem):
    lines = pem.strip().split("\n")
    return base64.b64decode("".join(lines[1:-1]), validate=True)


def main():
    out, node = sys.argv[1:3]
    printed = subprocess.run([node, "-e", LIST], check=True, stdout=subprocess.PIPE).stdout
    ders = [der_of(pem) for pem in json.loads(printed)]
    if len(ders) < 50:
        sys.exit(f"{node}: only {len(ders)} certificates")
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
