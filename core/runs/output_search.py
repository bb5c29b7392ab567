"""Finding text in output of any size: how often it occurs, and where the next one is.

Why counts of pages and not a list of matches: a word on every line of a gigabyte has ten million
matches. Stored is where each page of about 256 KiB begins and how many matches come before it;
a match itself is found again by looking through its page.

What is searched is the text as it is shown: without escapes, lines cut where the view cuts them.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from msgspec import Struct

from core.check import Check
from core.runs.output import OutputReader, TextPosition
from core.runs.output_matchers import Found, Needle, make_matcher
from core.runs.output_pages import Page

CHUNK_LINES = 64


class SearchState(Struct, frozen=True):
    """How far a search is.

    Attributes:
        generation: Of the output that was searched.
        count: Matches found so far.
        searched: Bytes looked through.
        size: Bytes of the output.
    """

    generation: int
    count: int
    searched: int
    size: int

    @property
    def is_complete(self) -> bool:
        """Whether all of the output was looked through."""
        return self.searched >= self.size


class Match(Struct, frozen=True):
    """One match in the output.

    Attributes:
        begin: Its first character.
        end: The character after it, on the same line.
        number: Its place among all, from 1; 0 while that is not known.
    """

    begin: TextPosition
    end: TextPosition
    number: int


class OutputSearch:
    """One search through the output of one run; grows with it.

    One thread may extend it while another asks for matches.

    Args:
        reader: The output.
        needle: What to look for.

    Raises:
        QueryError: The needle is a regular expression that is not understood.
    """

    def __init__(self, reader: OutputReader, needle: Needle) -> None:
        self.needle = needle
        self._reader = reader
        self._matcher = make_matcher(needle)
        self._lock = threading.Lock()
        self._reset(0)

    def close(self) -> None:
        """End the search; whatever still uses it gets Cancelled or finds nothing."""
        self._matcher.close()

    def extend(self, check: Check) -> Iterator[SearchState]:
        """Look through what was not looked through before; yields after each page.

        Raises:
            QueryError: The regular expression takes too long.
            RunError: The output cannot be read.
        """
        while True:
            check()
            generation, page, size = self._reader.page(self._searched, check)
            if generation != self._generation:
                self._reset(generation)
                continue
            count = self._matcher.count(page.text) if page is not None else 0
            if page is not None and page.is_finished:
                self._add(page, count)
                yield SearchState(generation, self._count, self._searched, size)
                continue
            with self._lock:
                self._unfinished = count
            yield SearchState(generation, self._count, size, size)
            return

    def next(self, at: TextPosition, check: Check, *, forward: bool = True) -> Match | None:
        """The nearest match that begins after (or before) a place, in what was looked through.

        Args:
            at: The place; a match that begins exactly there is not found.
            check: Called between reads; raises to stop.
            forward: Towards the end of the output.

        Raises:
            QueryError: The regular expression takes too long.
            RunError: The output cannot be read.
        """
        for start, before in self._pages_from(at.offset, forward=forward):
            check()
            match = self._match_of(start, before, at, check, forward=forward)
            if match is not None:
                return match
        return None

    def ahead(self, at: TextPosition, check: Check) -> Match | None:
        """The first match after a place, in what may not have been looked through yet.

        Its number is not known then. Where somebody follows a long output, what they look for is
        near its end, and all that comes before would have to be looked through first.

        Args:
            at: The place, on a line that begins at its offset.
            check: Called between reads; raises to stop.

        Raises:
            QueryError: The regular expression takes too long.
            RunError: The output cannot be read.
        """
        offset = at.offset
        while (page := self._reader.page(offset, check)[1]) is not None:
            match = self._match_in(page, None, at, check, forward=True)
            if match is not None or not page.is_finished:
                return match
            offset = page.end
        return None

    def find_in(self, texts: list[str]) -> list[Found]:
        """The matches in some shown lines, to mark them (QueryError as of `extend`)."""
        return self._matcher.find("\n".join(texts))

    @property
    def _count(self) -> int:
        with self._lock:
            return (self._totals[-1] if self._totals else 0) + self._unfinished

    def _reset(self, generation: int) -> None:
        with self._lock:
            self._generation = generation
            self._searched = 0
            self._unfinished = 0
            self._starts = array("Q")  # of pages that have matches
            self._totals = array("Q")  # matches up to the end of each of them

    def _add(self, page: Page, count: int) -> None:
        with self._lock:
            self._unfinished = 0
            if count:
                self._starts.append(page.offset)
                self._totals.append((self._totals[-1] if self._totals else 0) + count)
            self._searched = page.end

    def _pages_from(self, offset: int, *, forward: bool) -> list[tuple[int, int]]:
        """The pages to look through for the next match: where they begin, matches before them."""
        with self._lock:
            starts, totals = self._starts, self._totals
            here = bisect_right(starts, offset) - 1
            wanted = (here, here + 1) if forward else (here, here - 1)
            pages = [(starts[i], totals[i - 1] if i else 0) for i in wanted if 0 <= i < len(starts)]
            if self._unfinished:
                last = (self._searched, totals[-1] if totals else 0)
                if forward:
                    pages.append(last)
                elif offset >= self._searched:
                    pages.insert(0, last)
            return pages

    def _match_of(
        self, start: int, before: int, at: TextPosition, check: Check, *, forward: bool
    ) -> Match | None:
        """The nearest match in one page.

        Args:
            start: Where the page begins.
            before: Matches in all pages before it.
            at: Place to look from.
            check: Called between reads; raises to stop.
            forward: Towards the end of the output.
        """
        page = self._reader.page(start, check)[1]
        return None if page is None else self._match_in(page, before, at, check, forward=forward)

    def _match_in(
        self, page: Page, before: int | None, at: TextPosition, check: Check, *, forward: bool
    ) -> Match | None:
        """The same in a page that was read; without `before` the match has no number."""
        offsets, lines = page.line_offsets(), page.text.split("\n")
        here = (at.offset, at.column)
        for first in _chunks(bisect_right(offsets, at.offset) - 1, len(lines), forward=forward):
            check()
            found = self._matcher.find("\n".join(lines[first : first + CHUNK_LINES]))
            places = [(offsets[first + one.line], one.start) for one in found]
            number = bisect_right(places, here) if forward else bisect_left(places, here) - 1
            if 0 <= number < len(found):
                place = 0
                if before is not None:
                    place = before + self._matcher.count("\n".join(lines[:first])) + number + 1
                offset, column = places[number]
                return Match(
                    TextPosition(offset, column), TextPosition(offset, found[number].end), place
                )
        return None


def _chunks(line: int, count: int, *, forward: bool) -> range:
    """First lines of the chunks of a page to look through, from the one that `line` is in.

    Why chunks: a page may have thousands of matches, and the next one is mostly near.
    """
    here = min(max(0, line), count - 1) // CHUNK_LINES * CHUNK_LINES
    return range(here, count, CHUNK_LINES) if forward else range(here, -1, -CHUNK_LINES)
