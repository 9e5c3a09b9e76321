"""A scene in the format of NeRF's Blender scenes, small enough to be written anew for each test."""

import json
import math

from pictures import write_png

ANGLE = 0.7  # of view, radians
DISTANCE, RADIUS = 4.0, 1.0


def pose(azimuth, elevation, middle=(0.0, 0.0, 0.0)):
    """Rows of the camera-to-world matrix of a camera that looks at the middle."""
    back = [math.cos(elevation) * math.cos(azimuth), math.cos(elevation) * math.sin(azimuth),
            math.sin(elevation)]
    right = [-math.sin(azimuth), math.cos(azimuth), 0.0]
    up = [back[1] * right[2] - back[2] * right[1], back[2] * right[0] - back[0] * right[2],
          back[0] * right[1] - back[1] * right[0]]
    return [[right[k], up[k], back[k], DISTANCE * back[k] + middle[k]] for k in range(3)] + [[0, 0, 0, 1]]


def colours(matrix, side):
    """What the camera sees of a ball around the middle that is red, green or blue by its normal."""
    pixels = []
    for row in range(side):
        for column in range(side):
            x = (2 * (column + 0.5) / side - 1) * math.tan(ANGLE / 2)
            y = (1 - 2 * (row + 0.5) / side) * math.tan(ANGLE / 2)
            d = [x * m[0] + y * m[1] - m[2] for m in matrix[:3]]
            o = [m[3] for m in matrix[:3]]
            a, b = sum(v * v for v in d), sum(v * w for v, w in zip(d, o))
            under = b * b - a * (DISTANCE ** 2 - RADIUS ** 2)
            if under < 0:
                pixels.append((0, 0, 0, 0))
                continue
            t = (-b - math.sqrt(under)) / a
            normal = [o[k] + t * d[k] for k in range(3)]
            pixels.append(tuple(round(127.5 * (n + 1)) for n in normal) + (255,))
    return pixels


def write_scene(folder, side=16, training=8, held_out=3, middle=(0.0, 0.0, 0.0), elevation=0.5):
    """transforms_{train,test}.json with their pictures; the whole scene may lie elsewhere, and the
    training cameras may stand lower or higher."""
    for split, count, above in (("train", training, elevation), ("test", held_out, 0.3)):
        (folder / split).mkdir(parents=True)
        frames = []
        for index in range(count):
            azimuth = 2 * math.pi * index / count + above
            write_png(folder / split / f"r_{index}.png", side, side,
                      colours(pose(azimuth, above), side))
            matrix = pose(azimuth, above, middle)
            frames.append({"file_path": f"./{split}/r_{index}", "transform_matrix": matrix})
        (folder / f"transforms_{split}.json").write_text(
            json.dumps({"camera_angle_x": ANGLE, "frames": frames}))
