"""Small scenes of posed views as files, for tests that learn one."""

import json
import math
import os

from window import write_png

SIDE = 24


def look_at(eye):
    """Camera to world, rows, in OpenGL's order: looking at the origin, z up."""
    back = [c / math.dist(eye, (0, 0, 0)) for c in eye]
    right = [-back[1], back[0], 0]
    right = [c / math.hypot(right[0], right[1]) for c in right]
    up = [back[1] * right[2] - back[2] * right[1], back[2] * right[0] - back[0] * right[2],
          back[0] * right[1] - back[1] * right[0]]
    return [[right[i], up[i], back[i], eye[i]] for i in range(3)] + [[0, 0, 0, 1]]


def scene(folder, views=12):
    """A ball, red above and blue below, from around, as NeRF's Blender scenes are kept."""
    angle = 0.7
    focal = SIDE / (2 * math.tan(angle / 2))
    for part, first in (("train", 0), ("test", 1)):
        frames = []
        for i in range(first, views, 3 if first else 1):
            if part == "train" and i % 3 == 1:
                continue
            turn = 2 * math.pi * i / views
            eye = [3.2 * math.cos(turn), 3.2 * math.sin(turn), 1.2]
            pose = look_at(eye)

            def pixel(x, y):
                direction = [(x + 0.5 - SIDE / 2) / focal, (SIDE / 2 - y - 0.5) / focal, -1]
                ray = [sum(pose[k][c] * direction[c] for c in range(3)) for k in range(3)]
                size = math.sqrt(sum(c * c for c in ray))
                ray = [c / size for c in ray]
                b = sum(e * r for e, r in zip(eye, ray))
                root = b * b - sum(e * e for e in eye) + 0.8 ** 2
                if root < 0:
                    return 255, 255, 255
                z = eye[2] + (-b - math.sqrt(root)) * ray[2]
                return (220, 60, 40) if z > 0 else (40, 80, 200)

            name = "%s/r_%d" % (part, i)
            os.makedirs(os.path.join(folder, part), exist_ok=True)
            write_png(os.path.join(folder, name + ".png"), SIDE, SIDE, pixel)
            frames.append({"file_path": "./" + name, "transform_matrix": pose})
        with open(os.path.join(folder, "transforms_%s.json" % part), "w") as file:
            json.dump({"camera_angle_x": angle, "frames": frames}, file)
