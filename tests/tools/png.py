"""Reads PNG pictures with the standard library alone: tests compare pixels."""

import struct
import zlib

CHANNELS = {2: 3, 6: 4}  # of the colour types RGB and RGBA


def read_png(path):
    """8-bit RGB or RGBA pixels of a non-interlaced PNG: (width, height, channels, rows of bytes)."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError(f"{path}: not a PNG")
    position, header, packed = 8, None, b""
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        body = data[position + 8 : position + 8 + length]
        position += 12 + length
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
    width, height, depth, colour, _, _, interlace = header
    if depth != 8 or colour not in CHANNELS or interlace != 0:
        raise ValueError(f"{path}: expected 8-bit RGB or RGBA, not interlaced")
    channels = CHANNELS[colour]
    return width, height, channels, unfilter(zlib.decompress(packed), channels, width, height)


def unfilter(raw, channels, width, height):
    stride = channels * width
    rows, above = [], bytes(stride)
    for y in range(height):
        start = y * (stride + 1)
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for i in range(stride):
            left = row[i - channels] if i >= channels else 0
            up = above[i]
            corner = above[i - channels] if i >= channels else 0
            if kind == 1:
                row[i] = (row[i] + left) & 255
            elif kind == 2:
                row[i] = (row[i] + up) & 255
            elif kind == 3:
                row[i] = (row[i] + (left + up) // 2) & 255
            elif kind == 4:
                row[i] = (row[i] + paeth(left, up, corner)) & 255
        rows.append(bytes(row))
        above = rows[-1]
    return rows


def paeth(left, up, corner):
    estimate = left + up - corner
    return min((left, up, corner), key=lambda value: abs(estimate - value))


def differences(a, b):
    """Of every channel of every pixel of two pictures, as rows."""
    return [abs(p - q) for row_a, row_b in zip(a, b) for p, q in zip(row_a, row_b)]
