from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.runs.pattern_risk import may_take_for_ever

PATTERNS = st.text(alphabet="ab()|*+?[]{}\\.,2", max_size=14)


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")
@given(PATTERNS)
def test_what_is_let_through_ends_soon(pattern):
    assume(not may_take_for_ever(pattern))
    try:
        compiled = re.compile(rf"(?:^|\s)(?:{pattern})(?:$|\s)")
    except re.error:
        return
    began = time.process_time()

    compiled.search("a" * 40 + "!")

    assert time.process_time() - began < 1


@given(st.text(max_size=30))
def test_any_text_is_looked_at(pattern):
    assert may_take_for_ever(pattern) in (True, False)
