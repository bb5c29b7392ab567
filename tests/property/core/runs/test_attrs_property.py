import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import RunDamaged
from core.runs import attrs
from core.runs.attrs import load_yaml

TOKENS = [
    "yes", "no", "null", "a", "b: ", "- ", "-", "--", "'", '"', "\\x41", "\\u00e9", "1", "0", "e",
    ".", "0b1", "0x1f", "1e3", "  ", "\n", "\n  ", "# ", ":", " ", "=", "/", "true", "~", "<<", "y",
    "2020-01-01", "12:30", "ab", "f", "acdf", "&a ", "*a", "!!int ", "| ", "> ", "%", "@", "`", ",",
    "[", "]", "{", "}",
]  # fmt: skip
texts = st.one_of(
    st.lists(st.sampled_from(TOKENS), max_size=8).map("".join),
    st.text(max_size=40),
    st.binary(max_size=40).map(lambda data: data.decode("latin-1")),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=80)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(texts)
@example("a:")
@example("0" * 32)
def test_fast_path_reads_what_the_whole_loader_reads(text):
    value = attrs._plain(text)
    if value is attrs._UNKNOWN:
        return

    expected = yaml.load(text, attrs.yaml_loader())

    assert repr(value) == repr(expected)


@given(texts)
@example("!!int ")
@example("!!bool maybe")
@example("!!timestamp soon")
@example("!!float ")
def test_any_text_is_read_or_refused(text):
    try:
        load_yaml(text)
    except RunDamaged as e:
        assert str(e).startswith(("is ", "holds ", "expands "))


class GuildDumper(yaml.SafeDumper):
    """Writes with Guild's rule for floats in force: what would read as one is quoted."""


GuildDumper.yaml_implicit_resolvers = attrs.yaml_loader().yaml_implicit_resolvers


@given(values)
def test_what_is_written_as_guild_writes_is_read_back(value):
    text = yaml.dump(value, Dumper=GuildDumper, default_flow_style=False, indent=2)

    assert repr(load_yaml(text)) == repr(_sorted(value))


def _sorted(value):
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
