from __future__ import annotations

from math import nan

from core.compare.colouring import best_key, colour_runs, colour_values


def test_runs_take_the_first_colours():
    assert colour_runs([7, 3, 5], {}).numbers == {7: 0, 3: 1, 5: 2}


def test_a_run_keeps_its_colour_while_others_come_and_go():
    first = colour_runs([7, 3, 5], {}).numbers

    later = colour_runs([5, 9, 3, 8], first).numbers

    assert later == {5: 2, 9: 0, 3: 1, 8: 3}


def test_up_to_twelve_runs_have_twelve_colours():
    numbers = colour_runs(range(100, 112), {104: 11, 105: 11}).numbers

    assert sorted(numbers.values()) == list(range(12))


def test_each_value_has_a_colour_in_the_order_of_the_values():
    found = colour_values("flag:opt", [1, 2, 3, 4], ["sgd", "adam", "sgd", None])

    assert found.numbers == {1: 1, 2: 0, 3: 1, 4: 2}
    assert found.names == {0: "adam", 1: "sgd", 2: "none"}
    assert not found.is_scale


def test_many_texts_share_the_last_colour_but_for_the_most_common():
    values = [f"text {i % 20}" for i in range(40)] + ["text 19"] * 5

    found = colour_values("flag:name", range(45), values)

    assert max(found.numbers.values()) == 11
    assert found.names[11] == "other values"
    assert found.names[found.numbers[44]] == "text 19"


def test_many_numbers_are_a_scale():
    found = colour_values("scalar:last:loss", range(102), [*range(100), nan, None])

    assert found.is_scale
    assert found.numbers[0] == 0
    assert found.numbers[99] == 11
    assert found.names == {0: "0", 11: "99"}
    assert [found.numbers[slot] for slot in range(100)] == sorted(
        found.numbers[slot] for slot in range(100)
    )


def test_numbers_of_many_sizes_are_a_logarithmic_scale():
    found = colour_values("flag:lr", range(13), [10.0**-i for i in range(13)])

    assert [found.numbers[slot] for slot in range(13)] == [11, 11, *range(10, -1, -1)]
    assert found.names == {0: "1e-12", 11: "1"}


def test_the_first_column_that_tells_few_groups_apart_is_best():
    cells = {
        "flag:seed": range(100),
        "flag:same": [1] * 100,
        "flag:opt": [i % 3 for i in range(100)],
    }

    def value(key, slot):
        return cells[key][slot]

    assert best_key(range(100), list(cells), value) == "flag:opt"
    assert best_key(range(100), ["flag:same"], value) is None
