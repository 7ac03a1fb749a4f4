"""Which bytes of libc-start.o are changed, and when none are."""

import contextlib
import hashlib
import io
import struct
import unittest
from unittest import mock

import make_libc_start

TEXT = bytes(range(64))


def elf(text):
    """An ELF object that has only names of sections and .text."""
    names = b"\0.text\0.names\0"
    table = 64 + len(names) + len(text)
    header = bytearray(64)
    struct.pack_into("<Q", header, 0x28, table)
    struct.pack_into("<HHH", header, 0x3a, 64, 3, 2)

    def section(name, offset, size):
        return struct.pack("<IIQQQQ", name, 0, 0, 0, offset, size).ljust(64, b"\0")

    return (bytes(header) + names + text + section(0, 0, 0) +
            section(1, 64 + len(names), len(text)) + section(7, 64, len(names)))


class MakeLibcStart(unittest.TestCase):
    def edit(self, edits, sizes=b""):
        data = elf(TEXT)
        with mock.patch.object(make_libc_start, "EDITS", {hashlib.sha256(data).hexdigest(): edits}):
            return data, make_libc_start.edited(data, sizes)

    def test_replaces_bytes_of_text(self):
        before, after = self.edit([(4, "0405", "9090"), (10, "0a0b", None)], sizes=b"\xc3\xc3\xc3")
        text = after[before.index(TEXT):][:len(TEXT)]
        self.assertEqual(text[4:6], b"\x90\x90")
        self.assertEqual(text[10:13], b"\xc3\xc3\xc3")
        self.assertEqual([i for i in range(len(before)) if before[i] != after[i]],
                         [before.index(TEXT) + i for i in (4, 5, 10, 11, 12)])

    def test_refuses_other_instructions(self):
        with self.assertRaises(SystemExit):
            self.edit([(4, "ffff", "9090")])

    def test_leaves_another_glibc(self):
        data = elf(b"another")
        with contextlib.redirect_stderr(io.StringIO()) as note:
            self.assertEqual(make_libc_start.edited(data, b""), data)
        self.assertIn("another glibc", note.getvalue())


if __name__ == "__main__":
    unittest.main()
