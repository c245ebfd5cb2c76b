"""Dataclasses that take an eighth of the time to define.

What crosses a layer is frozen and slotted, and a start defines a hundred such classes. The standard library compiles
six methods for each: half a millisecond, together as much as a fifth of the time to the first frame. Here one is
compiled, ``__init__``, and that when it is first asked for; what compares, hashes and shows is shared. What comes of it
is the same, and making an instance is quicker too. Type checkers are told that it is the standard library's.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False, slots: bool = False) -> Any:  # noqa: ANN401 - as the original
        """Make a dataclass: one that is frozen and has slots, one that has slots, or a plain one."""
        if frozen and not slots:
            raise TypeError("what is frozen has slots here")
        if cls is None:
            return lambda cls: _defined(cls, frozen, slots)
        return _defined(cls, frozen, slots)


def _defined(cls: type[Any], frozen: bool, slots: bool) -> type[Any]:
    """Define a dataclass."""
    own = vars(cls)
    # Python itself puts a None where a class compares and does not say how it hashes.
    written = {name for name in own if name != "__hash__" or own[name] is not None or "__eq__" not in own}
    made = dataclasses.dataclass(cls, init=False, repr=False, eq=False, slots=slots)
    fields = dataclasses.fields(made)
    compared = _reader([field.name for field in fields if field.compare])
    shown = [field.name for field in fields if field.repr]

    def equal(self: object, other: object) -> bool:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def shown_(self: object) -> str:
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    methods: dict[str, Any] = {
        "__init__": _LateInitialiser(made, fields, frozen),
        "__eq__": equal,
        "__repr__": shown_,
    }
    methods |= _of_frozen(fields) if frozen else {"__hash__": None}
    for name, method in methods.items():
        if name not in written:
            setattr(made, name, method)
    return made


def _of_frozen(fields: tuple[dataclasses.Field[Any], ...]) -> dict[str, Any]:
    """The methods that only those have that cannot be changed."""
    hashed = _reader([field.name for field in fields if (field.compare if field.hash is None else field.hash)])
    handed = _reader([field.name for field in fields if field.init])

    def hash_(self: object) -> int:
        return hash(hashed(self))

    def reduced(self: object) -> tuple[type[Any], tuple[Any, ...]]:
        return self.__class__, handed(self)

    return {
        "__hash__": hash_,
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__reduce__": reduced,
    }


class _LateInitialiser:
    """Stands for ``__init__`` until it is looked up for the first time: many classes of a start make no instance."""

    def __init__(self, cls: type[Any], fields: tuple[dataclasses.Field[Any], ...], frozen: bool) -> None:
        self._cls = cls
        self._fields = fields
        self._frozen = frozen

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Callable[..., None]:
        initialiser = _initialiser(self._cls, self._fields, self._frozen)
        self._cls.__init__ = initialiser
        return initialiser if instance is None else MethodType(initialiser, instance)


def _reader(names: list[str]) -> Callable[[object], tuple[Any, ...]]:
    """What reads these attributes of an instance, as a tuple."""
    if len(names) > 1:
        return operator.attrgetter(*names)
    if not names:
        return lambda _: ()
    read = operator.attrgetter(names[0])
    return lambda instance: (read(instance),)


def _refuse_to_set(_: object, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _initialiser(cls: type[Any], fields: tuple[dataclasses.Field[Any], ...], frozen: bool) -> Callable[..., None]:
    """Compile ``__init__``; the slots' own setters go past the refusal of what is frozen to be set."""
    known: dict[str, Any] = {"_missing": dataclasses.MISSING}
    parameters: list[str] = []
    lines: list[str] = []
    for field in fields:
        name = field.name
        value = name
        if field.default_factory is not dataclasses.MISSING:
            known[f"_make_{name}"] = field.default_factory
            made = f"_make_{name}()"
            parameters += [f"{name}=_missing"] * field.init
            value = f"{made} if {name} is _missing else {name}" if field.init else made
        elif field.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = field.default
            parameters += [f"{name}=_default_{name}"] * field.init
            value = name if field.init else f"_default_{name}"
        elif field.init:
            parameters.append(name)
        else:
            continue
        if frozen:
            known[f"_set_{name}"] = getattr(cls, name).__set__
            lines.append(f"    _set_{name}(self, {value})")
        else:
            lines.append(f"    self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    source = f"def __init__(self, {', '.join(parameters)}):\n" + ("\n".join(lines) or "    pass")
    exec(source, known)
    initialiser: Callable[..., None] = known["__init__"]
    return initialiser
