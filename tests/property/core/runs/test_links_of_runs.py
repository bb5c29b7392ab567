import json
import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import RunDamaged, RunError
from core.runs.attrs import list_attrs, read_attr
from core.runs.files import open_file, walk_files
from core.runs.links import find_batch, read_links
from core.runs.manifest import read_manifest
from core.runs.output import OutputReader
from core.runs.run_json import run_document
from core.runs.scalars import read_series, read_summaries
from core.runs.source_code import list_source
from core.runs.status import read_markers, status_of
from core.runs.store import Store
from core.runs.tail import read_tail
from core.runs.tfevents import EventWriter

SECRET = "sesame"
RUN = "a" * 32
PLACES = [
    *(".guild", ".guild/attrs", ".guild/attrs/label", ".guild/opref", ".guild/manifest"),
    *(".guild/output", ".guild/LOCK", ".guild/LOCK.remote", ".guild/batch", ".guild/proto"),
    *(".guild/sourcecode", "logs", "logs/events.out.tfevents.1.x", "b" * 32, "step", "cafe\udce9"),
]
TARGETS = [
    *("{out}", "{out}/.guild", "{out}/.guild/attrs", "{out}/.guild/attrs/label", "{out}/secret"),
    *("{out}/.guild/opref", "{out}/.guild/output", "{out}/events.out.tfevents.1.x", "/dev/zero"),
    *(".", "..", "../..", "nowhere", "loop", f"../{RUN}", "../" + "b" * 32, "/x/runs/" + "b" * 32),
]


def make_outside(base: Path) -> Path:
    """A run of somebody else, which says SECRET wherever it says anything."""
    outside = base / "outside" / ("f" * 32)
    (outside / ".guild" / "attrs").mkdir(parents=True)
    (outside / ".guild" / "opref").write_text(f"script:/{SECRET} '' '' {SECRET}")
    (outside / ".guild" / "attrs" / "label").write_text(f"{SECRET}\n")
    for name in ("secret", ".guild/output", ".guild/manifest", ".guild/LOCK.remote"):
        (outside / name).write_text(SECRET)
    with EventWriter(str(outside / "events.out.tfevents.1.x")) as events:
        events.add(1, [(SECRET, 1.0)])
    return outside


def make_links(run_dir: Path, links: dict[str, str], outside: Path) -> None:
    """Put links into a run, each in place of what is there, where there can be one."""
    for place, target in links.items():
        path = run_dir / place
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.symlink_to(target.format(out=outside))
        except OSError:
            continue  # its directory is a link by now, or it is a directory


def everything(runs_dir: Path, run_dir: Path) -> str:
    """All that our readers say of a run, as text."""
    run = Store(runs_dir).read(RUN)
    said: list[object] = [
        json.dumps(run_document(run)),
        list_attrs(run_dir), read_links(str(run_dir)), read_manifest(run_dir),
        list_source(run_dir), read_tail(run_dir, 5, ended=True),
        read_series(run_dir, f"logs#{SECRET}").values,
        list(read_summaries(run_dir, linked=False).summaries),
        status_of(read_markers(f"{run_dir}/.guild", {"LOCK", "LOCK.remote"}), 0, None, ""),
        find_batch([runs_dir], "b" * 32),
        [state.problem for state in OutputReader(run_dir).extend(lambda: None)],
    ]  # fmt: skip
    try:
        said.append(read_attr(run_dir, "label"))
    except RunDamaged as e:
        said.append(e)
    for entry in walk_files(run_dir, enter=lambda entry: not entry.problem):
        try:
            with open_file(run_dir, entry.path) as file:
                said.append(file.read(1000))
        except RunError:
            continue
    return repr(said)


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(st.sampled_from(PLACES), st.sampled_from(TARGETS), max_size=6))
def test_no_link_in_a_run_shows_what_lies_outside(links):
    with tempfile.TemporaryDirectory() as base:
        outside = make_outside(Path(base))
        runs_dir = Path(base) / "home" / "runs"
        run_dir = runs_dir / RUN
        (run_dir / ".guild").mkdir(parents=True)
        (run_dir / ".guild" / "opref").write_text("script:/p '' '' x")
        make_links(run_dir, links, outside)
        before = sorted(os.walk(base))

        said = everything(runs_dir, run_dir)

        assert SECRET not in said.replace(str(outside), "").replace(f"logs#{SECRET}", "")
        assert sorted(os.walk(base)) == before


@given(st.binary(max_size=300), st.binary(max_size=300), st.sampled_from(["", "elsewhere"]))
def test_markers_of_any_bytes_have_a_status(lock, remote, host):
    with tempfile.TemporaryDirectory() as base:
        Path(base, "LOCK").write_bytes(lock)
        without = read_markers(base, {"LOCK"})
        Path(base, "LOCK.remote").write_bytes(remote)

        state = status_of(read_markers(base, {"LOCK", "LOCK.remote"}), 0, None, host)

    assert status_of(without, 0, None, host).status in ("running", "completed")
    assert (state.status, state.pid) == ("running", None)
    assert state.remote == " ".join(state.remote.split(" "))
    assert state.remote


@given(st.binary(max_size=200))
def test_any_bytes_of_a_manifest_are_source_files_or_a_problem(manifest):
    with tempfile.TemporaryDirectory() as base:
        Path(base, ".guild").mkdir()
        Path(base, ".guild", "manifest").write_bytes(manifest)

        listing = list_source(base)

    assert all(file.path and file.title for file in listing.files)
