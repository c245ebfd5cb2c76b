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


@dataclass(slots=True)
class Counter:
    """Changes, and has no room for more."""

    count: int = 0
    seen: list[int] = field(default_factory=list[int])


@dataclass
class Loose:
    """Changes."""

    value: int
    other: str = "x"

    def __post_init__(self) -> None:
        self.doubled = 2 * self.value


@dataclass
class Looser(Loose):
    """One more field, and what it says itself."""

    third: int = 3

    def __repr__(self) -> str:
        return "looser"


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
    names = ("__annotations__", "__doc__", "__module__", "__post_init__")
    kept = {name: value for name, value in vars(of).items() if name in names}
    for each in dataclasses.fields(of):
        if each.default_factory is not dataclasses.MISSING:
            kept[each.name] = field(default_factory=each.default_factory)
        elif each.default is not dataclasses.MISSING:
            kept[each.name] = field(default=each.default, repr=each.repr, init=each.init, compare=each.compare)
        elif not each.compare:
            kept[each.name] = field(compare=False)
    kept["__annotations__"] = {each.name: each.type for each in dataclasses.fields(of)}
    is_frozen = vars(of)["__hash__"] is not None
    made = type(of.__name__, (), kept)
    return dataclasses.dataclass(frozen=is_frozen, slots="__slots__" in vars(of))(made)


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


def test_one_that_changes_compares_by_its_values_and_has_no_hash() -> None:
    counter = Counter()
    counter.count += 1
    counter.seen.append(7)
    assert counter == Counter(1, [7]) != Counter(1)
    assert repr(counter) == "Counter(count=1, seen=[7])"
    with pytest.raises(AttributeError):
        counter.new = 1  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)
    assert copy.deepcopy(counter) == pickle.loads(pickle.dumps(counter)) == counter


def test_a_plain_one_takes_more_than_its_fields_and_hands_them_on() -> None:
    loose = Loose(2)
    loose.value = 5
    assert (loose, loose.doubled, repr(loose)) == (Loose(5), 4, "Loose(value=5, other='x')")
    lower = Looser(1, third=4)
    assert (lower.value, lower.other, lower.third, lower.doubled, repr(lower)) == (1, "x", 4, 2, "looser")
    assert lower != Loose(1)


def test_how_to_make_one_is_compiled_when_it_is_first_asked_for() -> None:
    @dataclass(frozen=True, slots=True)
    class Late:
        value: int

    assert not inspect.isfunction(vars(Late)["__init__"])
    one = Late(1)
    assert inspect.isfunction(vars(Late)["__init__"])
    Late.__init__(other := object.__new__(Late), 1)
    assert one == other == Late(value=1)


def test_a_frozen_one_has_slots() -> None:
    with pytest.raises(TypeError, match="slots"):
        dataclass(frozen=True)


def dataclasses_of_ours() -> Iterator[type[Any]]:
    for module in pkgutil.walk_packages(dashboard.__path__, "dashboard."):
        if module.name != "dashboard.__main__":
            for _, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if cls.__module__ == module.name and dataclasses.is_dataclass(cls):
                    yield cls


def quick_classes() -> Iterator[type[Any]]:
    return (cls for cls in dataclasses_of_ours() if vars(cls)["__eq__"].__module__ == "dashboard.quick")


def test_every_dataclass_of_ours_is_quick() -> None:
    # Each that is not costs a start half a millisecond: import it from dashboard.quick.
    assert set(dataclasses_of_ours()) == set(quick_classes())


@pytest.mark.parametrize("cls", list(quick_classes()), ids=str)
def test_every_class_of_ours_is_called_as_the_standard_librarys_would_be(cls: type[Any]) -> None:
    quick, slow = inspect.signature(cls), inspect.signature(twin(cls))
    assert list(quick.parameters) == list(slow.parameters)
    kinds = [(each.kind, each.default is each.empty) for each in quick.parameters.values()]
    assert kinds == [(each.kind, each.default is each.empty) for each in slow.parameters.values()]
