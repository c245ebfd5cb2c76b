"""Rows of a frame that are made when they are looked at: of hundreds, a few dozen are in view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

T = TypeVar("T")
S = TypeVar("S")


class LazyRows(Sequence[T], Generic[T]):
    """A sequence of rows by key, each made at most once.

    Two are equal if they are made of the same: the keys, and ``source``, on which alone the rows depend. So comparing
    two frames makes no row.
    """

    __slots__ = ("_made", "_make", "_source", "keys")

    def __init__(self, keys: tuple[str, ...], make: Callable[[str], T], source: object) -> None:
        self.keys = keys
        """The keys of the rows, in order."""
        self._make = make
        self._source = source
        self._made: dict[str, T] = {}

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...

    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        if isinstance(index, slice):
            return tuple(self.row(key) for key in self.keys[index])
        return self.row(self.keys[index])

    def __iter__(self) -> Iterator[T]:
        return (self.row(key) for key in self.keys)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LazyRows):
            return NotImplemented
        return self.keys == other.keys and bool(self._source == other._source)

    __hash__ = None  # type: ignore[assignment]

    def row(self, key: str) -> T:
        """The row of ``key``."""
        if key not in self._made:
            self._made[key] = self._make(key)
        return self._made[key]

    def map(self, change: Callable[[T], S], source: object = None) -> LazyRows[S]:
        """Rows made of these, just as late. ``source`` is what else ``change`` depends on."""
        return LazyRows(self.keys, lambda key: change(self.row(key)), (self._source, source))
