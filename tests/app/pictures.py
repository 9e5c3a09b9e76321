"""PNG files without any package: what tests write for the program and read of what it wrote."""

import pathlib
import struct
import sys
import zlib

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
from png import read_png  # noqa: E402


def write_png(path, width, height, pixels):
    """Rows of (red, green, blue[, alpha]) from 0 to 255, all in one list."""
    channels = len(pixels[0])
    rows = b"".join(b"\0" + bytes(value for pixel in pixels[row * width:(row + 1) * width]
                                  for value in pixel) for row in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[channels], 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
                     + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pixels_of(path):
    """The numbers of an 8-bit RGB PNG, in [0, 1]."""
    _, _, channels, rows = read_png(path)
    assert channels == 3, "not RGB"
    return [value / 255 for row in rows for value in row]
