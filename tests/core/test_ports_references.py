"""Ports and references: apps meet without importing each other."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import pytest

from khcn.core import ports as ports_module
from khcn.core import references
from khcn.core.actors import Actor
from khcn.core.ports import Port, PortMissingError, declare_port
from khcn.core.references import Reference, Resolved, reference_to, resolve, resolve_many
from khcn.core.registry import Registry
from tests.core.factories import make_user


class Greeter(Protocol):
    def greet(self, name: str) -> str: ...


class Polite:
    def greet(self, name: str) -> str:
        return f"Chào {name}"


class Fake:
    def greet(self, name: str) -> str:
        return "giả"


def test_a_port_without_an_owner_says_what_is_missing() -> None:
    port: Port[Greeter] = Port("test.greeter", "chào hỏi")
    assert not port.available
    with pytest.raises(PortMissingError, match=r"chào hỏi \(test.greeter\)"):
        port.get()


def test_the_owner_provides_a_port_and_a_test_replaces_it() -> None:
    port: Port[Greeter] = Port("test.greeter", "chào hỏi")
    port.provide(Polite())
    port.provide(Polite())  # ready() twice does no harm
    with port.using(Fake()) as fake:
        assert port.get() is fake
    assert port.get().greet("An") == "Chào An"
    with pytest.raises(ValueError, match="Polite is provided already"):
        port.provide(Fake())


def test_declared_ports_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports_module, "ports", Registry("test"))
    port: Port[Greeter] = declare_port("test.greeter", "chào hỏi")
    assert ports_module.ports.all() == [port]


@pytest.mark.parametrize("text", ["", "x", ":1", "library.work:"])
def test_a_reference_needs_both_parts(text: str) -> None:
    with pytest.raises(ValueError, match="kind and an id"):
        Reference.parse(text)


@pytest.mark.django_db
def test_references_resolve_by_kind_and_only_to_what_the_reader_may_see(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = make_user()
    calls: list[list[str]] = []

    def resolver(ids: Iterable[str], reader: Actor) -> Mapping[str, Resolved]:
        calls.append(list(ids))
        visible = [ident for ident in ids if reader == user or ident != "9"]
        return {
            ident: Resolved(Reference("t.thing", ident), f"Thứ {ident}", f"/t/{ident}/") for ident in visible
        }

    monkeypatch.setattr(references, "resolvers", Registry("test"))
    references.resolvers.register("t.thing", resolver)
    wanted = [Reference("t.thing", "1"), Reference("t.thing", "9"), Reference("off.thing", "1")]
    assert [item.title for item in resolve_many(wanted, user).values()] == ["Thứ 1", "Thứ 9"]
    assert len(calls) == 1
    assert resolve(wanted[1], None) is None
    assert resolve(wanted[2], user) is None
    assert str(reference_to(user)) == f"orgs.user:{user.pk}"
    assert Reference.parse(str(reference_to(user))) == reference_to(user)
