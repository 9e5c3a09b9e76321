"""Drives the real program in a virtual display: real mouse, real keys, real drags.

The program writes what it shows into a report (--report), where every widget is included. Tests
click what the report says, and never reach into the program otherwise.
"""

import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import zlib

WIDTH, HEIGHT = 1280, 800


def skip(reason):
    print("skipped: " + reason)
    sys.exit(77)


class Window:
    def __init__(self, *arguments, size=(WIDTH, HEIGHT), hints=False):
        program = os.environ.get("FIELDSCOPE")
        if not program or not os.path.exists(program):
            skip("FIELDSCOPE does not name the program")
        self.folder = tempfile.mkdtemp(prefix="fieldscope-gui-")
        self.report_path = os.path.join(self.folder, "report.json")
        self.home = os.environ["HOME"]
        command = [program, "--report", self.report_path, "--window", "%dx%d" % size]
        self.log = open(os.path.join(self.folder, "log"), "w+")
        self.process = subprocess.Popen(command + list(arguments), stdout=self.log,
                                        stderr=subprocess.STDOUT)
        self.wait("the window shows its runs", lambda r: len(r["runs"]) > 0, timeout=60)
        if not hints and "hint.skip" in self.report()["widgets"]:
            self.click("hint.skip")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.log.flush()
            with open(self.log.name) as log:
                print("the program said: " + log.read()[-2000:])
            if os.path.exists(self.report_path):
                report = self.report()
                report.pop("widgets", None)
                print(json.dumps(report)[:4000])
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    # What it shows.

    def report(self):
        for _ in range(100):
            try:
                with open(self.report_path) as file:
                    return json.load(file)
            except (OSError, ValueError):
                time.sleep(0.05)
        raise AssertionError("no report at " + self.report_path)

    def runs(self):
        return self.report()["runs"]

    def run(self, number=1):
        return self.runs()[number - 1]

    def wait(self, what, condition, timeout=30):
        """Waits until condition(report) holds and returns the report."""
        # Generous: sanitizers and loaded machines are several times slower, and only a failure waits.
        timeout *= 3
        end = time.time() + timeout
        while time.time() < end:
            if self.process.poll() is not None:
                raise AssertionError("the program ended with %s while waiting until %s"
                                     % (self.process.returncode, what))
            if os.path.exists(self.report_path):
                report = self.report()
                if condition(report):
                    return report
            time.sleep(0.05)
        raise AssertionError("after %g s still not: %s" % (timeout, what))

    def wait_for_toast(self, *words, timeout=30):
        def there(report):
            return any(all(w in toast for w in words) for toast in report["toasts"])
        report = self.wait("a toast says " + ", ".join(words), there, timeout)
        return [t for t in report["toasts"] if all(w in t for w in words)][-1]

    # What a person does.

    def xdotool(self, *arguments):
        subprocess.run(["xdotool"] + [str(a) for a in arguments], check=True)

    def place(self, widget, x=0.5, y=0.5):
        self.wait(widget + " is on the screen", lambda r: widget in r["widgets"], 10)
        x0, y0, x1, y1 = self.report()["widgets"][widget]
        return int(x0 + (x1 - x0) * x), int(y0 + (y1 - y0) * y)

    def move(self, widget, x=0.5, y=0.5):
        self.xdotool("mousemove", *self.place(widget, x, y))
        time.sleep(0.15)

    def click(self, widget, button=1, x=0.5, y=0.5):
        self.move(widget, x, y)
        self.xdotool("click", button)
        time.sleep(0.3)

    def double_click(self, widget, x=0.5, y=0.5):
        self.move(widget, x, y)
        self.xdotool("click", "--repeat", 2, "--delay", 60, 1)
        time.sleep(0.4)

    def drag(self, widget, start, end, modifier=None):
        """Presses at `start`, moves to `end` (fractions of the widget), releases."""
        self.move(widget, *start)
        if modifier:
            self.xdotool("keydown", modifier)
            time.sleep(0.1)
        self.xdotool("mousedown", 1)
        for i in range(1, 9):
            t = i / 8
            x = start[0] + (end[0] - start[0]) * t
            y = start[1] + (end[1] - start[1]) * t
            self.xdotool("mousemove", *self.place(widget, x, y))
            time.sleep(0.04)
        time.sleep(0.15)
        self.xdotool("mouseup", 1)
        if modifier:
            self.xdotool("keyup", modifier)
        time.sleep(0.3)

    def key(self, name):
        self.xdotool("key", name)
        time.sleep(0.3)

    def type(self, text):
        self.xdotool("type", "--delay", 25, "--", text)
        time.sleep(0.3)

    def type_into_knob(self, widget, text):
        self.click(widget, x=0.3)
        self.key("ctrl+a")
        self.type(text)
        self.key("Return")

    def window_id(self):
        found = subprocess.run(["xdotool", "search", "--class", "fieldscope"], check=True,
                               capture_output=True, text=True).stdout.split()
        return found[-1]

    def drop(self, path, hover=0.0):
        """Drags the file in and releases it over the centre; returns what the protocol said."""
        helper = os.path.join(os.environ.get("FIELDSCOPE_GUI_HELPERS", ""), "xdnd_drag")
        if not os.path.exists(helper):
            skip("the drag helper was not built (package libx11-dev)")
        self.xdotool("mousemove", WIDTH // 2, HEIGHT // 2)
        time.sleep(0.2)
        drag = subprocess.Popen([helper, self.window_id(), path], stdout=subprocess.PIPE, text=True)
        assert drag.stdout.readline().strip() == "ready"
        self.xdotool("mousedown", 1)
        for i in range(6):
            self.xdotool("mousemove", WIDTH // 2 + 8 * i, HEIGHT // 2 + 4 * i)
            time.sleep(0.05)
        end = time.time() + hover
        while time.time() < end:
            self.xdotool("mousemove_relative", 1, 0)
            time.sleep(0.1)
        picture = self.screenshot() if hover else None
        self.xdotool("mouseup", 1)
        said = drag.communicate(timeout=30)[0].split()
        assert said == ["accepted", "finished"], said
        return picture

    def screenshot(self):
        """What the X server shows now: (width, height, RGB bytes)."""
        path = os.path.join(self.folder, "screen.png")
        if subprocess.run(["which", "import"], capture_output=True).returncode != 0:
            return None
        subprocess.run(["import", "-window", self.window_id(), "-depth", "8", "PNG24:" + path],
                       check=True)
        return read_png(path)

    def close(self):
        self.key("ctrl+q")
        self.process.wait(30)
        assert self.process.returncode == 0, self.process.returncode

    def print_frames(self, what):
        f = self.report()["frames"]
        print("%s: %d frames, p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, max %.1f ms, %.1f %% over 33 ms"
              % (what, f["frames"], f["p50_ms"], f["p95_ms"], f["p99_ms"], f["max_ms"],
                 100 * f["over_33_ms"]))


# PNG files, with nothing but the standard library.


def write_png(path, width, height, pixel):
    """pixel(x, y) -> (r, g, b)"""
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in pixel(x, y))
                    for y in range(height))

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n"
                   + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def read_png(path):
    """(width, height, RGB bytes) of an 8-bit RGB or RGBA file."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path + " is no PNG"
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
        if kind == b"IDAT":
            packed += body
        at += 12 + length
    assert depth == 8 and colour in (0, 2, 6), (depth, colour)
    size = {0: 1, 2: 3, 6: 4}[colour]
    raw = zlib.decompress(packed)
    stride = width * size
    rows, before = [], bytearray(stride)
    for y in range(height):
        kind = raw[y * (stride + 1)]
        row = bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        if kind:
            unfilter(kind, row, before, size)
        rows.append(row)
        before = row
    if size == 3:
        pixels = b"".join(rows)
    else:
        pixels = b"".join(bytes(row[i + c] if size == 4 else row[i] for i in range(0, stride, size)
                                for c in range(3)) for row in rows)
    return width, height, bytes(pixels)


def unfilter(kind, row, before, size):
    for i in range(len(row)):
        left = row[i - size] if i >= size else 0
        up, corner = before[i], before[i - size] if i >= size else 0
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = up
        elif kind == 3:
            guess = (left + up) // 2
        else:
            p = left + up - corner
            guess = min((abs(p - left), 0, left), (abs(p - up), 1, up),
                        (abs(p - corner), 2, corner))[2]
        row[i] = (row[i] + guess) & 255


def distinct_colours(picture):
    width, height, pixels = picture
    return len({pixels[i:i + 3] for i in range(0, width * height * 3, 3 * 7)})
