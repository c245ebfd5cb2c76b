"""A quick dataclass is what the standard library makes of the same class."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import math
import pickle
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any, ClassVar, Generic, TypeVar, cast

import pytest

import dashboard
from dashboard.quick import dataclass

T = TypeVar("T")
NAN = math.nan


@dataclass(frozen=True, slots=True)
class Plain:
    """Three fields, one with a default, one made anew."""

    COUNT: ClassVar[int] = 3
    first: int
    second: float = 2.5
    third: list[int] = field(default_factory=list[int])

    @property
    def double(self) -> int:
        return 2 * self.first


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing in it."""


@dataclass(frozen=True, slots=True)
class Other:
    """Nothing in it either."""


@dataclass(frozen=True, slots=True)
class Below(Plain):
    """One field more."""

    fourth: str = "x"


@dataclass(frozen=True, slots=True)
class Box(Generic[T]):
    """One field of any type."""

    value: T


@dataclass(frozen=True, slots=True)
class Choosy:
    """Fields that take no part."""

    seen: int
    source: str = field(compare=False)
    hidden: int = field(default=7, repr=False, init=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """Refuses."""

    value: int

    def __post_init__(self) -> None:
        if self.value < 0:
            raise ValueError("negative")


@dataclass(frozen=True, slots=True)
class Written:
    """Compares, hashes and shows as it says."""

    value: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Written) and self.value % 10 == other.value % 10

    def __hash__(self) -> int:
        return self.value % 10

    def __repr__(self) -> str:
        return "written"


def twin(of: type[Any]) -> type[Any]:
    """The same class by the standard library."""
    kept = {name: value for name, value in vars(of).items() if name in ("__annotations__", "__doc__", "__module__")}
    for each in dataclasses.fields(of):
        if each.default_factory is not dataclasses.MISSING:
            kept[each.name] = field(default_factory=each.default_factory)
        elif each.default is not dataclasses.MISSING:
            kept[each.name] = field(default=each.default, repr=each.repr, init=each.init, compare=each.compare)
        elif not each.compare:
            kept[each.name] = field(compare=False)
    kept["__annotations__"] = {each.name: each.type for each in dataclasses.fields(of)}
    return dataclasses.dataclass(frozen=True, slots=True)(type(of.__name__, (), kept))


MADE: list[Callable[[type[Any]], Any]] = [lambda cls: cls(1), lambda cls: cls(1, 3.5, [4]), lambda cls: cls(first=2)]


@pytest.mark.parametrize("cls", [Plain, Below])
@pytest.mark.parametrize("make", MADE)
def test_an_instance_has_the_same_values_text_and_hash(cls: type[Any], make: Callable[[type[Any]], Any]) -> None:
    quick, slow = make(cls), make(twin(cls))
    assert dataclasses.asdict(quick) == dataclasses.asdict(slow)
    assert repr(quick) == repr(slow)
    assert quick == make(cls)
    assert quick != slow
    assert quick != dataclasses.replace(quick, first=99)
    assert dataclasses.replace(quick, first=99) == cls(99, quick.second, quick.third)
    assert cls.__match_args__ == twin(cls).__match_args__
    assert cls.__slots__ == twin(cls).__slots__ or cls is Below


def test_equal_ones_hash_alike() -> None:
    assert hash(Box((1, 2))) == hash(Box((1, 2))) == hash(((1, 2),))
    assert {Box(1): "a"}[Box(1)] == "a"
    assert hash(Empty()) == hash(())
    with pytest.raises(TypeError, match="unhashable"):
        hash(Plain(1))


def test_those_of_another_class_are_never_equal() -> None:
    assert Empty() == Empty()
    assert Empty() != cast("object", Other())
    assert Plain(1) != Below(1)


def test_the_same_nan_is_equal_as_in_a_tuple() -> None:
    assert Box(NAN) == Box(NAN)
    assert Box(NAN) != Box(float("nan"))


def test_nothing_can_be_set_or_deleted_or_added() -> None:
    one = Plain(1)
    for name in ("first", "new"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            setattr(one, name, 2)
    with pytest.raises(dataclasses.FrozenInstanceError, match="first"):
        del one.first  # pyright: ignore[reportAttributeAccessIssue]
    assert (one.first, one.double, Plain.COUNT) == (1, 2, 3)
    assert not hasattr(one, "__dict__")


def test_a_default_is_made_anew_for_each() -> None:
    assert Plain(1).third is not Plain(1).third


@pytest.mark.parametrize("arguments", [(), (1, 2, 3, 4), ("a", 1, [], "b")])
def test_wrong_arguments_are_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="__init__"):
        Plain(*arguments)
    with pytest.raises(TypeError, match="unexpected keyword"):
        Plain(first=1, other=2)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


def test_a_field_may_take_no_part() -> None:
    assert Choosy(1, "a") == Choosy(1, "b")
    assert hash(Choosy(1, "a")) == hash(Choosy(1, "b"))
    assert repr(Choosy(1, "a")) == "Choosy(seen=1, source='a')"
    assert Choosy(1, "a").hidden == 7


def test_what_a_class_says_itself_stands() -> None:
    assert Written(1) == Written(11)
    assert len({Written(1), Written(11)}) == 1
    assert repr(Written(1)) == "written"
    with pytest.raises(ValueError, match="negative"):
        Checked(-1)


@pytest.mark.parametrize("one", [Plain(1, 2.0, [3]), Below(1, fourth="y"), Empty(), Box("v"), Checked(3)])
def test_it_can_be_copied_and_pickled(one: Any) -> None:
    assert copy.copy(one) == copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one


def test_another_kind_is_the_standard_librarys() -> None:
    @dataclass
    class Loose:
        value: int

    loose = Loose(1)
    loose.value = 2
    assert loose == Loose(2)


def quick_classes() -> Iterator[type[Any]]:
    for module in pkgutil.walk_packages(dashboard.__path__, "dashboard."):
        if module.name != "dashboard.__main__":
            for _, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if cls.__module__ == module.name and dataclasses.is_dataclass(cls) and "__reduce__" in vars(cls):
                    yield cls


@pytest.mark.parametrize("cls", list(quick_classes()), ids=str)
def test_every_class_of_ours_is_called_as_the_standard_librarys_would_be(cls: type[Any]) -> None:
    quick, slow = inspect.signature(cls), inspect.signature(twin(cls))
    assert list(quick.parameters) == list(slow.parameters)
    kinds = [(each.kind, each.default is each.empty) for each in quick.parameters.values()]
    assert kinds == [(each.kind, each.default is each.empty) for each in slow.parameters.values()]
