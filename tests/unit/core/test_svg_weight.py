from __future__ import annotations

import time

import pytest

from core.svg_weight import can_be_drawn


def drawn_again(levels: int, times: int, form: str = '<use xlink:href="#{0}"/>') -> bytes:
    """Groups that draw each other."""
    groups = "".join(
        f'<g id="g{n}">{form.format(f"g{n - 1}") * times}</g>' for n in range(1, levels)
    )
    first = '<g id="g0"><rect width="1" height="1"/></g>'
    return f'<svg><defs>{first}{groups}</defs><use href="#g{levels - 1}"/></svg>'.encode()


@pytest.mark.parametrize("form", ['<use href="#{0}"/>', '<rect style="fill: url( #{0} )"/>'])
def test_what_draws_more_and_more_is_not_drawn(form):
    assert can_be_drawn(drawn_again(8, 4, form))
    assert not can_be_drawn(drawn_again(12, 4, form))
    assert not can_be_drawn(drawn_again(400, 10, form))


def test_a_plot_of_many_marks_is_drawn():
    marks = b'<use xlink:href="#mark" x="1" y="2"/>' * 100_000
    svg = b'<svg><defs><path id="mark" d="M0 0"/></defs><g id="axes">' + marks + b"</g></svg>"
    start = time.process_time()

    assert can_be_drawn(svg)

    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "svg", [b"<svg>" + b"<g>" * 10_000 + b"</g>" * 10_000 + b"</svg>", drawn_again(1000, 1)]
)
def test_what_is_nested_too_deeply_is_not_drawn(svg):
    assert not can_be_drawn(svg)


@pytest.mark.parametrize("svg", [b"", b"<svg>", b"<svg/><svg/>", b"<svg>&a;</svg>", b"\xff"])
def test_what_is_no_picture_is_not_drawn(svg):
    assert not can_be_drawn(svg)


def test_what_draws_itself_is_left_to_who_draws():
    assert can_be_drawn(b'<svg><g id="a"><use href="#a"/></g></svg>')
