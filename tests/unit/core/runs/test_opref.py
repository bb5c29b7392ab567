import pytest

from core.errors import RunDamaged
from core.runs.opref import batch_operation, parse_opref


@pytest.mark.parametrize(
    ("text", "name", "origin", "project"),
    [
        ("script:/home/u/proj '' '' train.py", "train.py", "/home/u/proj", "/home/u/proj"),
        ("guildfile:/p/guild.yml 9a43 m train", "m:train", "/p/guild.yml", "/p"),
        ("guildfile:/p 9a43 '' op", "op", "/p", "/p"),
        ("package:m 0.0.0 m opt", "m/m:opt", "m==0.0.0", ""),
        ("package:m 0.1 '' opt", "m/opt", "m==0.1", ""),
        ("builtin:guildai 0.9.0 '' +", "+", "guildai", ""),
        ("builtin:guildai 0.9.0 skopt random", "skopt:random", "guildai", ""),
        ("pending:? ? ? m:train\n", "m:train", "?", ""),
        ("func:mod '' '' train", "train()", "mod", ""),
        ("import:/p/guild.yml '' m op", "m:op", "/p/guild.yml", "/p"),
        ("test:x '' m op", "m:op", "x", ""),
        ("odd:x '' m op", "?", "x", ""),
        ("guildfile:'/my dir/guild.yml' 1 '' 'an op'", "an op", "/my dir/guild.yml", "/my dir"),
    ],
)
def test_opref_tells_operation_and_origin(text, name, origin, project):
    opref = parse_opref(text)

    assert (opref.display_name, opref.origin, opref.project_dir) == (name, origin, project)


@pytest.mark.parametrize(
    "text", ["", "a", "script:/x '' ''", "a b c d e", "x '' '' y", "a:b ' c d"]
)
def test_unreadable_opref_says_why(text):
    with pytest.raises(RunDamaged, match="its opref"):
        parse_opref(text)


def test_batch_is_named_after_its_prototype():
    assert batch_operation("m:train", "+") == "m:train+"
    assert batch_operation("m.py", "skopt:random") == "m.py+skopt:random"


def test_opref_of_a_megabyte_is_refused_at_once():
    with pytest.raises(RunDamaged, match="its opref is longer than 16,384 characters"):
        parse_opref(f"script:{'x' * 1_000_000} '' '' train")
