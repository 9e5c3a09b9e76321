"""PNG files without any package: what tests write for the program and read of what it wrote."""

import struct
import zlib


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
    raw, at, data = path.read_bytes(), 8, b""
    while at < len(raw):
        size = int.from_bytes(raw[at:at + 4], "big")
        kind = raw[at + 4:at + 8]
        body = raw[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height = (int.from_bytes(body[i:i + 4], "big") for i in (0, 4))
            assert body[8:10] == b"\x08\x02", "not 8-bit RGB"
        if kind == b"IDAT":
            data += body
        at += size + 12
    lines, stride, before = zlib.decompress(data), width * 3, [0] * (width * 3)
    numbers = []
    for row in range(height):
        start = row * (stride + 1)
        filter_kind, line = lines[start], list(lines[start + 1:start + 1 + stride])
        for i in range(stride):
            left = line[i - 3] if i >= 3 else 0
            above, corner = before[i], before[i - 3] if i >= 3 else 0
            guess = (0, left, above, (left + above) // 2, paeth(left, above, corner))[filter_kind]
            line[i] = (line[i] + guess) % 256
        numbers += [value / 255 for value in line]
        before = line
    return numbers


def paeth(left, above, corner):
    estimate = left + above - corner
    return min((left, above, corner), key=lambda value: abs(estimate - value))
