"""The addresses of a camera: kept sealed, shown without user and password, and checked before anything connects.

A camera's address is a credential. In the clear it exists only in memory, in the process that connects.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.hosts import addresses_behind, is_forbidden_host
from khcn.core.secrets import seal, unseal
from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.messages import TEMPLATES
from khcn.engines.vision.sources.address import STREAMS, parse_address, scrub

PURPOSE: Final = "markets.camera"
MOST_ADDRESSES: Final = 4


class HasSources(Protocol):
    """A camera, as far as its addresses go."""

    sealed_sources: str


class CameraAddressError(KhcnError):
    """An address that no camera of this installation may have. The message never repeats a password."""

    code = "camera-address"


def check_address(raw: str, *, local: bool = False) -> str:
    """Return the address without outer spaces when a camera may have it.

    ``local``: also recordings on this machine and this machine itself (command line and demo, never a form).

    :raises CameraAddressError: another scheme, no host, this very machine, link-local or metadata addresses.
    """
    try:
        address = parse_address(raw, local=local)
    except SourceError as error:
        raise CameraAddressError(_(TEMPLATES[error.code]) % error.params, code=error.code) from error
    if not local and not settings.KHCN.local_cameras:
        _check_host(urlsplit(address.raw).hostname or "")
    return address.raw


def check_reachable(raw: str, *, local: bool = False) -> str:
    """The same just before connecting: what the name stands for now must be allowed too (DNS may have changed)."""
    address = check_address(raw, local=local)
    host = urlsplit(address).hostname
    if local or settings.KHCN.local_cameras or not host:
        return address
    try:
        found = addresses_behind(host)
    except OSError as error:
        raise CameraAddressError(
            _(
                "Không tìm thấy máy có tên như trong địa chỉ camera. Hãy kiểm tra lại tên máy hoặc dùng số IP."
            ),
            code="camera-name",
        ) from error
    for one in found:
        _check_host(one)
    return address


def _check_host(host: str) -> None:
    if host and is_forbidden_host(host):
        raise CameraAddressError(
            _(
                "Địa chỉ này trỏ vào chính máy chủ hoặc vùng mạng nội bộ của máy chủ, không phải camera. "
                "Hãy điền địa chỉ của camera trong mạng chợ, ví dụ 192.168.1.10."
            ),
            code="camera-host",
        )


def check_addresses(lines: Iterable[str], *, local: bool = False) -> tuple[str, ...]:
    """Return the checked addresses in their order, once each. :raises CameraAddressError: the first bad one."""
    found = tuple(dict.fromkeys(check_address(line, local=local) for line in lines if line.strip()))
    if len(found) > MOST_ADDRESSES:
        raise CameraAddressError(
            _("Mỗi camera có tối đa %(limit)s địa chỉ: luồng phụ trước, luồng chính sau.")
            % {"limit": MOST_ADDRESSES}
        )
    return found


def seal_addresses(addresses: Sequence[str]) -> str:
    """Return the sealed form that ``Camera.sealed_sources`` keeps; empty for none."""
    return seal(json.dumps(list(addresses)), purpose=PURPOSE) if addresses else ""


def addresses_of(camera: HasSources) -> tuple[str, ...]:
    """Return the addresses in the clear, for the process that connects only. :raises SealBrokenError."""
    if not camera.sealed_sources:
        return ()
    return tuple(json.loads(unseal(camera.sealed_sources, purpose=PURPOSE)))


def reachable_addresses(camera: HasSources) -> list[str]:
    """Return the addresses for a process that connects now, each checked again (a name may stand for another machine).

    A recording on this machine got there by the command line or the demo only, and stays allowed.

    :raises SealBrokenError, CameraAddressError:
    """
    found = []
    for address in addresses_of(camera):
        is_file = parse_address(address).scheme not in STREAMS
        found.append(check_reachable(address, local=is_file))
    return found


def shown_addresses(camera: HasSources) -> list[str]:
    """Return the addresses as people may see them: ``rtsp://***@192.168.1.10/…``. :raises SealBrokenError."""
    return [scrub(address, _secrets(address)) for address in addresses_of(camera)]


def _secrets(address: str) -> tuple[str, ...]:
    try:
        return parse_address(address).secrets
    except SourceError:
        return ()
