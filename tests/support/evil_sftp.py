#!/usr/bin/env python3
"""An SFTP server that lies, started by a real sshd as its subsystem; standard library only.

Its first argument says how: "endless-names", "path-names", "slash-names", "endless-depth",
"too-much-data", "less-data", "huge-size", "garbage", "wrong-numbers" or "early-end".
Everything else is a home with one run.
"""

import os
import struct
import sys

MODE = sys.argv[1]
RUN = b"a" * 32


def text(data):
    return struct.pack(">I", len(data)) + data


def send(kind, body):
    packet = struct.pack(">IB", len(body) + 1, kind) + body
    while packet:
        packet = packet[os.write(1, packet) :]


def take(size):
    data = b""
    while len(data) < size:
        more = os.read(0, size - len(data))
        if not more:
            sys.exit(0)
        data += more
    return data


def attrs(mode, size=0):
    return struct.pack(">IQIII", 1 | 4 | 8, size, mode, 1000, 1000)


def name(entry, mode, size=0):
    return text(entry) + text(b"-") + attrs(mode, size)


def listing(path):
    if path.endswith(b"/runs"):
        if MODE == "path-names":
            return [name(b"../../evil", 0o100644), name(RUN, 0o40755)]
        return [name(RUN, 0o40755)]
    if path.endswith(RUN):
        if MODE == "path-names":
            return [name(b"../../../evil", 0o100644)]
        if MODE == "slash-names":
            return [name(b"a/b", 0o100644, 10)]
        size = 1 << 60 if MODE == "huge-size" else 1000
        return [name(b".guild", 0o40755), name(b"file", 0o100644, size)]
    if path.endswith(b".guild"):
        return [name(b"opref", 0o100644, 20), name(b"attrs", 0o40755)]
    if MODE == "endless-depth":
        return [name(b"deeper", 0o40755)]
    return []


def main():  # noqa: C901, PLR0912, PLR0915 - one loop over the requests is easiest to follow
    handles, ended, count = {}, set(), 0
    while True:
        size, kind = struct.unpack(">IB", take(5))
        body = take(size - 1)
        if kind == 1:
            send(2, struct.pack(">I", 3))
            continue
        number, rest = body[:4], body[4:]
        if MODE == "wrong-numbers" and kind == 11:
            number = b"\xff\xff\xff\xff"
        if MODE == "garbage" and kind == 11:
            os.write(1, b"\xff" * 5000)
        length = struct.unpack(">I", rest[:4])[0]
        path = rest[4 : 4 + length]
        if kind == 16:  # realpath
            send(104, number + struct.pack(">I", 1) + name(b"/home/evil", 0o40755))
        elif kind in (7, 17):
            is_file = path.endswith((b"opref", b"file"))
            send(105, number + attrs(0o100644 if is_file else 0o40755, 1000 if is_file else 0))
        elif kind in (3, 11):
            count += 1
            handle = str(count).encode()
            handles[handle] = path
            send(102, number + text(handle))
        elif kind == 12:  # readdir
            if path in ended and MODE != "endless-names":
                send(101, number + struct.pack(">I", 1) + text(b"eof") + text(b""))
                continue
            ended.add(path)
            found = listing(handles[path])
            if MODE == "endless-names" and handles[path].endswith(RUN):
                count += 1
                found = [name(b"%d-%d" % (count, n), 0o100644) for n in range(1000)]
            send(104, number + struct.pack(">I", len(found)) + b"".join(found))
        elif kind == 5:  # read
            asked = struct.unpack(">I", rest[-4:])[0]
            if MODE == "early-end":
                sys.exit(0)
            if MODE == "less-data":
                send(101, number + struct.pack(">I", 1) + text(b"eof") + text(b""))
                continue
            data = b"x" * (asked + 10 if MODE == "too-much-data" else asked)
            send(103, number + text(data))
        else:
            send(101, number + struct.pack(">I", 0) + text(b"") + text(b""))


main()
