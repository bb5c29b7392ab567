from __future__ import annotations

import gzip

import pytest

from core.svg import without_references

OWN = (b'href="#grey"', b"xlink:href='data:image/png;base64,AAAA'")
OTHERS = (
    b'href="/etc/hostname"', b"xlink:href = 'file:///dev/zero'", b'HREF="&#47;pipe"',
    b'href="data:/../pipe"', b'href=""',
)  # fmt: skip


@pytest.mark.parametrize("attribute", OWN)
def test_what_a_picture_takes_from_itself_stays(attribute):
    svg = b"<svg><image " + attribute + b"/></svg>"

    assert without_references(svg) == svg


@pytest.mark.parametrize("attribute", OTHERS)
def test_what_a_picture_takes_from_elsewhere_goes(attribute):
    name, _, value = attribute.partition(b"=")

    safe = without_references(b"<svg><image " + attribute + b" x='1'/></svg>")

    assert safe.startswith(b"<svg><image " + name + b"=")
    assert value.strip() not in safe
    assert b"data:image/png;base64," in safe
    assert safe.endswith(b" x='1'/></svg>")


def test_style_sheets_of_others_are_not_asked_for():
    safe = without_references(b'<?xml-stylesheet type="text/css" href="/pipe"?><svg/>')

    assert b"/pipe" not in safe


@pytest.mark.parametrize(
    "svg",
    [
        b'<!DOCTYPE svg [<!ATTLIST image href CDATA "/pipe">]><svg/>',
        '<svg><image href="/pipe"/></svg>'.encode("utf-16"),
        gzip.compress(b'<svg><image href="/pipe"/></svg>', mtime=0),
    ],
    ids=["a document type", "another encoding", "compressed"],
)
def test_a_picture_in_which_a_name_could_hide_is_not_drawn(svg):
    assert without_references(svg) == b""
