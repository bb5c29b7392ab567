"""Archives of runs in every form, and damaged ones, made by other means than ours."""

from __future__ import annotations

import io
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import zstandard


def zip_runs(runs_dir: Path, dest: Path, *, prefix: str = "", method: int = zipfile.ZIP_DEFLATED):
    """A zip with links as links, which zipfile cannot write by itself."""
    with zipfile.ZipFile(dest, "w", method) as archive:
        for path in sorted(runs_dir.rglob("*")):
            name = prefix + str(path.relative_to(runs_dir))
            if path.is_symlink():
                info = zipfile.ZipInfo(name)
                info.create_system = 3
                info.external_attr = 0o120777 << 16
                archive.writestr(info, os.fsencode(path.readlink()))
            else:
                archive.write(path, name)
    return dest


def guild_zip(runs_dir: Path, dest: Path) -> Path:
    """A zip as Guild writes it: linked directories are empty ones, links to files are files."""
    with zipfile.ZipFile(dest, "w", zipfile.ZIP_DEFLATED) as archive:
        for run_dir in sorted(runs_dir.iterdir()):
            archive.write(run_dir, run_dir.name)
            for root, dirs, names in os.walk(run_dir):
                for name in dirs + names:
                    path = Path(root) / name
                    archive.write(path, str(path.relative_to(runs_dir)))
    return dest


def tar_bytes(runs_dir: Path, *, prefix: str = "", form: int = tarfile.PAX_FORMAT) -> bytes:
    """A plain tar of all runs."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for path in sorted(runs_dir.iterdir()):
            archive.add(path, f"{prefix}{path.name}")
    return buffer.getvalue()


def gzip_bytes(data: bytes, *, pieces: int = 1) -> bytes:
    """A gzip of several members."""
    return b"".join(_gzipped(piece) for piece in _split(data, pieces))


def zstd_bytes(data: bytes, *, pieces: int = 1, checksum: bool = True) -> bytes:
    """A zstd of several frames, with a frame that holds no data between the others."""
    compressor = zstandard.ZstdCompressor(write_checksum=checksum)
    other = struct.pack("<II", 0x184D2A53, 5) + b"other"
    return other.join(compressor.compress(piece) for piece in _split(data, pieces))


def _gzipped(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def _split(data: bytes, pieces: int) -> list[bytes]:
    size = -(-len(data) // pieces)
    return [data[at : at + size] for at in range(0, len(data), size)]


FORMS: dict[str, Callable[[Path, Path], Path]] = {
    "zip": lambda runs, base: zip_runs(runs, base / "a.zip"),
    "stored zip": lambda runs, base: zip_runs(runs, base / "a.zip", method=zipfile.ZIP_STORED),
    "zip of a folder": lambda runs, base: zip_runs(runs, base / "a.zip", prefix="my/exports/"),
    "zip of a home": lambda runs, base: zip_runs(runs, base / "a.zip", prefix=".guild/runs/"),
    "tar": lambda runs, base: _written(base / "a.tar", tar_bytes(runs)),
    "tar of here": lambda runs, base: _written(base / "a.tar", tar_bytes(runs, prefix="./")),
    "old tar": lambda runs, base: _written(
        base / "a.tar", tar_bytes(runs, form=tarfile.USTAR_FORMAT)
    ),
    "GNU tar": lambda runs, base: _written(
        base / "a.tar", tar_bytes(runs, form=tarfile.GNU_FORMAT, prefix="long/" * 30)
    ),
    "tar.gz": lambda runs, base: _written(base / "a.tar.gz", gzip_bytes(tar_bytes(runs))),
    "tar.gz of many members": lambda runs, base: _written(
        base / "a.tgz", gzip_bytes(tar_bytes(runs), pieces=7)
    ),
    "tar.zst": lambda runs, base: _written(base / "a.tar.zst", zstd_bytes(tar_bytes(runs))),
    "tar.zst of many frames": lambda runs, base: _written(
        base / "a.tar.zst", zstd_bytes(tar_bytes(runs), pieces=7, checksum=False)
    ),
    "misnamed": lambda runs, base: _written(base / "download", zstd_bytes(tar_bytes(runs))),
}
"""By name: makes an archive of all runs of a directory below another directory."""


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def raw_zip(entries: list[tuple[str, bytes, dict[str, int]]], dest: Path) -> Path:
    """A zip with headers that may lie.

    Args:
        entries: Name, content and fields that differ from the truth: `size`, `packed`, `crc`,
            `flags`, `method`, `mode`, `offset`, and `local_name_bytes` to add to the local name.
        dest: Where it is written.
    """
    body, directory = b"", b""
    for name, content, lies in entries:
        raw = name.encode("utf-8", "surrogateescape")
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
        method = lies.get("method", 8)
        if method == 0:
            packed = content
        facts = (
            lies.get("flags", 0x800),
            method,
            0,
            0x21,
            lies.get("crc", zlib.crc32(content)),
            lies.get("packed", len(packed)),
            lies.get("size", len(content)),
        )
        offset = lies.get("offset", len(body))
        local = raw + b"x" * lies.get("local_name_bytes", 0)
        body += struct.pack("<4s5H3L2H", b"PK\3\4", 20, *facts, len(local), 0) + local + packed
        directory += struct.pack(
            "<4s6H3L5H2L",
            *(b"PK\1\2", 3 << 8 | 20, 20, *facts, len(raw), 0, 0, 0, 0),
            *(lies.get("mode", 0o100644) << 16, offset),
        )
        directory += raw
    count = min(len(entries), 0xFFFF)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    dest.write_bytes(body + directory + end)
    return dest
