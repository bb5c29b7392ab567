"""Whether a regular expression may take for ever on a short text.

Why: Python's matcher cannot be stopped and lets no other thread run meanwhile, so that `(a+)+b`,
typed to take a word out of labels, would hold the whole window. What repeats something that
itself repeats or has alternatives is what grows so; a pattern for a word hardly ever needs that.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""\\.                                  # an escape
      | \[ \^? \]? (?: \\. | [^\]\\] )* \]   # a set of characters
      | \(\?\#[^)]*\)                        # a remark
      | [()|]
      | (?: [*+] | \{ \d* , \d* \} ) [?+]?   # a repetition without a small bound
      | . """,
    re.VERBOSE | re.DOTALL,
)


def may_take_for_ever(pattern: str) -> bool:
    """Whether something is repeated in which there are repetitions or alternatives."""
    inside = [False]  # of each open group: whether it holds such
    ended_group = False  # what the group just closed holds
    for token in _TOKEN.findall(pattern):
        is_repetition = token[0] in "*+{" and token != "{"
        if is_repetition and ended_group:
            return True
        ended_group = False
        if token == "(":
            inside.append(False)
        elif token == ")" and len(inside) > 1:
            ended_group = inside.pop()
            inside[-1] = inside[-1] or ended_group
        elif token == "|" or is_repetition:
            inside[-1] = True
    return False
