from __future__ import annotations

import json
import time

import pytest

from core.errors import RunError
from core.runs import preview as preview_module
from core.runs.preview import MOST_BYTES, indent_json, make_preview, read_preview
from tests.support.patience import at_best

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def look(name, data, size=None):
    return make_preview(name, data, len(data) if size is None else size)


@pytest.fixture
def run(tmp_path):
    (tmp_path / ".guild").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"plain\r\nlines\r", "plain\nlines\n", "utf-8"),
        ("naïve λ".encode(), "naïve λ", "utf-8"),
        (b"\xef\xbb\xbfmarked", "marked", "utf-8-sig"),
        ("wide λ".encode("utf-16"), "wide λ", "utf-16"),
        (("no mark " * 5).encode("utf-16-le"), "no mark " * 5, "utf-16-le"),
        (("big end " * 5).encode("utf-16-be"), "big end " * 5, "utf-16-be"),
        (b"caf\xe9 au lait", "caf\xe9 au lait", "latin-1"),
        (b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m", "utf-8"),
    ],
)
def test_text_is_decoded_by_what_it_holds(data, text, encoding):
    preview = look("file", data)

    assert (preview.look, preview.text, preview.encoding) == ("text", text, encoding)


def test_a_letter_cut_at_the_end_of_the_part_is_left_out():
    preview = look("file", "aé".encode()[:-1], size=100)

    assert (preview.text, preview.encoding) == ("a", "utf-8")
    assert preview.is_cut


@pytest.mark.parametrize(
    "data", [b"\x00\x01\x02\xff" * 20, b"\x7fELF" + bytes(60), bytes(range(32))]
)
def test_bytes_that_are_no_text_are_shown_in_hexadecimal(data):
    preview = look("file.txt", data)

    assert preview.look == "binary"
    assert preview.text.startswith("00000000  ")


def test_hexadecimal_has_offset_bytes_and_letters():
    preview = look("file", b"\0\x01AB" + b"x" * 14)

    assert preview.text.split("\n") == [
        "00000000  00 01 41 42 78 78 78 78  78 78 78 78 78 78 78 78  ..ABxxxxxxxxxxxx",
        "00000010  78 78                                             xx",
    ]


@pytest.mark.parametrize(
    ("head", "image"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"GIF89a", "gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
        (b"BM\x99\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "bmp"),
        (b'<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="x">', "svg"),
    ],
)
def test_a_picture_is_told_by_its_content_not_its_name(head, image):
    preview = look("file.txt", head)

    assert (preview.look, preview.encoding, preview.data) == ("image", image, head)


def test_a_text_that_begins_like_a_picture_is_a_text():
    assert look("a.txt", b"BMI: 21.5\nage: 40\n").look == "text"


def test_a_picture_that_is_too_large_is_shown_as_bytes():
    preview = look("a.png", PNG, size=10**9)

    assert preview.look == "binary"
    assert "larger than 32 MB" in preview.note


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.csv", b'x,y\n1,"a, b"\n'), ("a.tsv", b"x\ty\n1\ta, b\n"), ("a.csv", b"x;y\n1;a, b\n")],
)
def test_comma_and_tab_separated_files_are_tables(name, data):
    preview = look(name, data)

    assert (preview.look, preview.rows) == ("table", (("x", "y"), ("1", "a, b")))
    assert preview.note == ""


def test_a_long_table_shows_its_first_rows_and_says_so():
    data = b"n\n" + b"".join(b"%d\n" % n for n in range(5000))

    preview = look("a.csv", data)

    assert preview.rows[0] == ("n",)
    assert preview.rows[-1] == ("999",)
    assert preview.note == "The first 1,000 rows."


def test_a_row_cut_by_the_end_of_the_part_is_left_out():
    preview = look("a.csv", b"a,b\n1,2\n3,", size=1000)

    assert preview.rows == (("a", "b"), ("1", "2"))


def test_a_wide_table_is_cut():
    preview = look("a.csv", b",".join(b"%d" % n for n in range(1000)) + b"\n1\n")

    assert len(preview.rows[0]) == 200
    assert "first 200 columns" in preview.note


def test_a_csv_file_that_is_none_is_shown_as_text():
    preview = look("a.csv", b'"' + b"x" * 200_000)

    assert preview.look == "text"


def test_json_in_one_line_is_broken_into_lines_and_keeps_its_numbers():
    text = '{"a":[1,2.50,{}],"b":{"c":"x, {y}: \\" z"},"e":[],"n":1e400,"a":"again"'
    data = text.encode() + b',"long":"' + b"x" * 300 + b'"}'

    preview = look("a.json", data)

    assert preview.is_indented
    assert preview.text.split("\n")[:10] == [
        "{",
        '  "a": [',
        "    1,",
        "    2.50,",
        "    {}",
        "  ],",
        '  "b": {',
        '    "c": "x, {y}: \\" z"',
        "  },",
        '  "e": [],',
    ]
    assert preview.note == "Broken into lines for reading."


def test_json_with_lines_is_shown_as_it_is():
    text = json.dumps({"a": list(range(50))}, indent=4)

    assert look("a.json", text.encode()).text == text


def test_indented_json_is_what_json_itself_makes():
    value = {"a": [1, {"b": None}], "c": {}, "d": [], "e": "λ"}

    assert indent_json(json.dumps(value)) == json.dumps(value, indent=2)


def test_deeply_nested_json_is_indented_without_end():
    assert indent_json("[" * 100_000).count("\n") == 99_999


def test_a_file_above_two_megabytes_is_plain_text():
    head = b'{"a":' + b"1" * 300 + b"}"

    preview = look("a.json", head, size=MOST_BYTES + 1)

    assert (preview.look, preview.is_plain, preview.is_indented) == ("text", True, False)
    assert look("a.csv", b"a,b\n", size=MOST_BYTES + 1).look == "text"


def test_very_long_lines_are_cut_and_said_so():
    preview = look("a.txt", b"x" * 10_000 + b"\nshort")

    assert [len(line) for line in preview.text.split("\n")] == [2002, 5]
    assert "Lines longer than 2,000 characters are cut." in preview.note


def test_an_empty_file_is_empty(run):
    (run / "a").touch()

    assert read_preview(run, "a").look == "empty"


def test_only_the_beginning_of_a_file_is_read(run):
    with (run / "big.log").open("wb") as file:
        file.write(b"line\n" * 1000)
        file.truncate(5 * 10**9)

    preview = read_preview(run, "big.log", most=4000)

    assert (preview.size, preview.shown) == (5 * 10**9, 4000)
    assert preview.text == "line\n" * 800


def test_a_whole_picture_is_read_even_if_it_is_larger_than_a_text_may_be(run):
    (run / "a.png").write_bytes(PNG + bytes(1000))

    assert len(read_preview(run, "a.png", most=100).data) == len(PNG) + 1000


def test_what_is_no_file_of_the_run_is_an_error(run):
    with pytest.raises(RunError):
        read_preview(run, "../x")
    with pytest.raises(RunError):
        read_preview(run, ".guild")


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.json"])
def test_the_first_screen_of_a_large_file_is_there_at_once(run, name):
    line = b'{"a":1,"b":[1,2,3]},' if name == "a.json" else b"1,2,3,4,5\n"
    (run / name).write_bytes(line * (preview_module.SHOWN_BYTES // len(line)))

    # A bound with room for slow machines; benchmarks have the figure.
    assert at_best(lambda: read_preview(run, name), 0.15) < 0.15


@pytest.mark.parametrize(
    "head",
    [
        b"<svg>",
        b'\n<?xml version="1.0"?>\n<!-- a --> <!-- b -->\n<svg width="1">',
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x"><svg>',
        b'<!DOCTYPE svg [<!ENTITY a "b"> <!ENTITY c "d">]>\n<!-- e --><svg>',
    ],
)
def test_a_vector_graphic_is_known_by_how_it_begins(head):
    assert preview_module.image_format(head) == "svg"


@pytest.mark.parametrize(
    "piece", [b"<!---->", b"<!-- --> ", b"<!DOCTYPE a>", b"<!DOCTYPE a[]>", b"\n"]
)
def test_what_only_begins_like_a_vector_graphic_is_seen_at_once(piece):
    begin = time.process_time()

    assert preview_module.image_format(piece * (4096 // len(piece)) + b"x") == ""

    assert time.process_time() - begin < 1
