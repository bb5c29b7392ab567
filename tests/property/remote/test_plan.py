"""Whatever both sides hold, a plan sends what it says, and nothing is lost without being asked."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.archives.entries import ArchiveEntry
from remote.attr_merge import merge_attrs
from remote.manifest import ATTRS, ENVIRONMENT, LOCK, Manifest, manifest_of
from remote.moves import Move, build_of
from remote.plan import Known, Options, plan_run

A = "a" * 32
NAMES = (".guild/opref", f"{ATTRS}label", f"{ATTRS}tags", f"{ATTRS}env", "model.bin", "output")
SECOND = 1_000_000_000
DIRECTIONS = st.sampled_from(["push", "pull"])

entries = st.builds(lambda size, when: (size, when * SECOND), st.integers(0, 3), st.integers(1, 4))
contents = st.sampled_from([None, b"- a\n", b"- b\n", b"- a\n- b\n", b"one\n", b"two\n", b"{"])


@st.composite
def manifests(draw):
    files = draw(st.dictionaries(st.sampled_from(NAMES), entries))
    files[".guild/opref"] = (1, SECOND)
    attrs = {name: draw(contents) for name in ("label", "tags", "marked", "comments")}
    return Manifest(
        A,
        {n: ArchiveEntry(n, "file", size, 0o644, when) for n, (size, when) in files.items()},
        is_running=draw(st.booleans()),
        attrs=attrs,
    )


@given(DIRECTIONS, manifests())
def test_a_run_that_is_alike_is_the_same_and_needs_nothing(direction, one):
    item = plan_run(direction, replace(one, is_running=False), replace(one, is_running=False))

    assert (item.verdict, item.files, item.merged, item.is_to_do) == ("same", (), {}, False)


@given(DIRECTIONS, manifests(), manifests())
def test_both_directions_see_the_same_difference(direction, here, there):
    own = plan_run("push", here, there)
    other = plan_run("pull", here, there)

    if "problem" not in (own.verdict, other.verdict):
        both_have_news = {own.verdict, other.verdict} == {"newer here", "newer there"}
        assert own.verdict == other.verdict or both_have_news


@given(DIRECTIONS, st.integers(1, SECOND - 1), st.booleans())
def test_what_both_sides_wrote_within_a_second_is_asked_where_one_knows_whole_seconds(
    direction, rest, is_here
):
    """Cut off to the second, a file that was written last looks older than the other one."""
    opref = ArchiveEntry(".guild/opref", "file", 1, 0o644, SECOND)

    def side(size, when):
        model = ArchiveEntry("model.bin", "file", size, 0o644, when)
        return Manifest(A, {each.name: each for each in (opref, model)})

    exact, coarse = side(2, SECOND + rest), side(3, SECOND)
    here, there = (exact, coarse) if is_here else (coarse, exact)
    item = plan_run(direction, here, there)

    assert item.verdict == "conflict"
    assert item.differs == ("model.bin",)


@given(DIRECTIONS, manifests(), manifests(), st.booleans())
def test_what_the_other_side_has_more_stays_unless_its_removal_is_asked_for(
    direction, source, target, delete
):
    here, there = (source, target) if direction == "push" else (target, source)
    options = Options(delete=delete)
    item = plan_run(direction, here, there, options=options)
    if item.verdict == "problem":
        return
    build = build_of(Move(item, source, target), options)
    only_there = target.entries.keys() - source.entries.keys()
    newer = "newer here" if direction == "push" else "newer there"
    is_cleared = delete and item.verdict in (newer, "conflict")  # else the target is what counts

    for name in only_there - ENVIRONMENT - set(build.written):
        if not name.startswith(ATTRS):
            assert (name in build.entries) == (not is_cleared or name not in item.extra)
    assert ENVIRONMENT & target.entries.keys() <= build.entries.keys() | set(build.written)


@given(manifests(), st.booleans())
def test_a_push_leaves_the_environment_at_home_unless_asked(source, with_env):
    item = plan_run("push", source, None, options=Options(with_env=with_env))

    assert bool(set(item.files) & ENVIRONMENT) == (
        with_env and bool(source.entries.keys() & ENVIRONMENT)
    )


@given(DIRECTIONS, manifests(), manifests())
def test_with_what_was_last_seen_equal_only_changes_on_both_sides_are_conflicts(
    direction, here, there
):
    still = {"is_running": False}
    here, there = replace(here, **still), replace(there, **still)
    item = plan_run(direction, here, there, Known(here.signature(), "other", here.attrs))

    assert item.verdict != "newer here" or item.merged == {} or direction == "pull"
    if item.verdict == "newer there" and direction == "pull":
        assert item.is_to_do


values = st.dictionaries(st.sampled_from(["label", "tags", "marked", "comments"]), contents)
all_four = st.fixed_dictionaries(dict.fromkeys(("label", "tags", "marked", "comments"), contents))


@given(all_four, all_four, st.none() | all_four)
def test_what_one_side_did_not_touch_is_taken_from_the_other(source, target, base):
    merged = merge_attrs(source, target, base, set())

    for name in source:
        if base and target[name] == base[name] and source[name] != target[name]:
            assert merged.for_target.get(name, target[name]) == source[name]
        if base and source[name] == base[name]:
            assert name not in merged.for_target


@given(all_four, all_four, st.none() | all_four)
def test_a_merge_is_stable_once_it_is_written_on_both_sides(source, target, base):
    first = merge_attrs(source, target, base, set())
    if first.unsettled:
        return
    both = {name: first.for_target.get(name, target[name]) for name in source}
    other = {name: first.for_source.get(name, source[name]) for name in source}
    again = merge_attrs(other, both, both, set())

    assert again.for_target == again.for_source == {}


@given(st.lists(st.tuples(st.text(max_size=20), st.sampled_from(["file", "dir", "link", "other"]))))
def test_any_names_are_sorted_out_or_are_a_problem(listed):
    manifest = manifest_of(A, [ArchiveEntry(n, kind, 0, target="x") for n, kind in listed])

    for name in manifest.entries:
        assert not name.startswith("/")
        assert ".." not in name.split("/")
    assert LOCK not in manifest.entries
