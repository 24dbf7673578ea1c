"""Which machines may be connected to on somebody's wish."""

import pytest

from khcn.core.hosts import is_forbidden_host, resolves_to_forbidden

pytestmark = pytest.mark.nodb


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0.0.0.0", "169.254.169.254", "[::1]",
                                  "::ffff:127.0.0.1", "metadata", "a.localhost", ""])  # fmt: skip
def test_this_machine_is_forbidden(host: str) -> None:
    assert is_forbidden_host(host)


@pytest.mark.parametrize("host", ["192.168.1.20", "10.0.0.5", "inverter.lan", "fe00::1"])
def test_machines_of_a_site_are_allowed(host: str) -> None:
    assert not is_forbidden_host(host)


@pytest.mark.parametrize(
    ("answers", "forbidden"), [(["192.168.1.9"], False), (["192.168.1.9", "169.254.169.254"], True)]
)
def test_what_a_name_stands_for_counts(
    monkeypatch: pytest.MonkeyPatch, answers: list[str], forbidden: bool
) -> None:
    rows = [(2, 1, 6, "", (address, 0)) for address in answers]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_kwargs: rows)
    assert resolves_to_forbidden("inverter.example") is forbidden
