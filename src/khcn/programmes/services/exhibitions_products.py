"""What exhibitors show: products and works with pictures. Makers of pupils' works are shown with both consents only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.private_files import PICTURES, Drawer, Upload
from khcn.core.references import Reference, resolve
from khcn.engines.text.fold import fold
from khcn.programmes.enums import ConsentBy, ConsentPurpose
from khcn.programmes.errors import GoneError, ProgrammeError
from khcn.programmes.models.exhibitions import Exhibitor, Product, ProductPicture
from khcn.programmes.rules.exhibitions import MOST_PICTURES, MOST_PRODUCTS, ExhibitorState
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.services.consents import consent_give, consent_withdraw

PICTURES_OF_PRODUCTS: Final = Drawer("programmes/exhibitions", PICTURES, limit=12 * 2**20)
SUBJECT: Final = "programmes.product"


@dataclass(frozen=True, slots=True)
class ProductText:
    """What is said about a product; ``child``, ``guardian``: consents to show the makers of a pupils' work."""

    title: str
    text: str = ""
    makers: str = ""
    by_pupils: bool = False
    child: bool = False
    guardian: bool = False
    record: str = ""


def product_save(
    *,
    actor: Actor,
    exhibitor: Exhibitor,
    values: ProductText,
    now: datetime,
    product: Product | None = None,
    pictures: Sequence[Upload] = (),
    client_key: str = "",
) -> Product:
    """Add or change a product; pictures are written anew. The caller checked the secret link or the right.

    :raises ProgrammeError: no title, too many. :raises FileRefusedError: nothing is kept then.
    """
    title = kept_text(values.title, 200)
    if not title:
        raise ProgrammeError(_("Hãy ghi tên sản phẩm."), field="title")
    if exhibitor.state == ExhibitorState.WITHDRAWN:
        raise GoneError(_("Đơn vị này đã rút khỏi chương trình."))
    if product is None and client_key:
        known = exhibitor.products.filter(client_key=client_key[:40]).first()
        if known is not None:
            return known
    if product is None and exhibitor.products.count() >= MOST_PRODUCTS:
        raise ProgrammeError(
            _("Mỗi đơn vị trưng bày nhiều nhất %(most)s sản phẩm.") % {"most": MOST_PRODUCTS}
        )
    held = product.pictures.count() if product else 0
    if held + len(pictures) > MOST_PICTURES:
        raise ProgrammeError(
            _("Mỗi sản phẩm có nhiều nhất %(most)s ảnh.") % {"most": MOST_PICTURES}, field="pictures"
        )
    record = _record_of(values.record)
    if record and not _in_library(record):
        raise ProgrammeError(
            _("Không tìm thấy tài liệu này trong thư viện. Hãy mở trang của tài liệu rồi chép lại địa chỉ."),
            field="record",
        )
    kept: list[str] = []
    try:
        kept += [PICTURES_OF_PRODUCTS.keep(one).name for one in pictures]
        with transaction.atomic():
            row = product or Product(
                exhibitor=exhibitor,
                created_at=now,
                client_key=client_key[:40],
                order=exhibitor.products.count(),
            )
            row.title, row.folded_title, row.text = title, fold(title), kept_text(values.text, 3000)
            row.makers, row.by_pupils, row.record = (
                kept_text(values.makers, 300),
                values.by_pupils,
                record[:120],
            )
            row.save()
            for name in kept:
                ProductPicture.objects.create(product=row, name=name, alt=title)
            _consents(actor, row, values, now)
            audit_record(
                actor=actor,
                action="programmes.product.save",
                target=row,
                after={"title": title, "pictures": len(kept)},
                at=now,
            )
    except IntegrityError:
        _drop(kept)
        return exhibitor.products.get(client_key=client_key[:40])
    except BaseException:
        _drop(kept)
        raise
    return row


def _record_of(text: str) -> str:
    """Return the reference behind the address of a page of the library; what is no such address stays as it is."""
    path = urlsplit(text.strip()).path.rstrip("/")
    number = path.rpartition("-")[2]
    if "/" not in path or not (number.isascii() and number.isdigit()):
        return text.strip()
    reference = Reference("library.work", number)
    found = resolve(reference, AnonymousUser())
    same = found is not None and found.address and urlsplit(found.address).path.rstrip("/") == path
    return str(reference) if same else text.strip()


def record_address(record: str) -> str:
    """Return the address of a record as people see it; empty when there is none (any more)."""
    if not record or not _in_library(record):
        return ""
    found = resolve(Reference.parse(record), AnonymousUser())
    return found.address if found else ""


def _in_library(record: str) -> bool:
    """Whether everybody may see this record of the library; what is hidden is not told apart from what is not there."""
    try:
        reference = Reference.parse(record)
    except ValueError:
        return False
    return reference.kind.startswith("library.") and resolve(reference, AnonymousUser()) is not None


def _drop(names: Sequence[str]) -> None:
    for name in names:
        PICTURES_OF_PRODUCTS.drop(name)


def _consents(actor: Actor, product: Product, values: ProductText, now: datetime) -> None:
    subject, purpose = f"{SUBJECT}:{product.pk}", ConsentPurpose.PUBLICATION
    wanted = (
        {ConsentBy.CHILD: values.child, ConsentBy.GUARDIAN: values.guardian}
        if values.by_pupils
        else {ConsentBy.SELF: True}
    )
    if not values.makers or not all(wanted.values()):
        consent_withdraw(actor=actor, subject=subject, purpose=purpose, now=now, how="exhibitor")
        if not values.makers:
            return
    for by, given in wanted.items():
        if given:
            consent_give(
                actor=actor, programme=product.exhibitor.programme, subject=subject, purpose=purpose, now=now, by=by,
                by_name=product.exhibitor.contact_name,
            )  # fmt: skip


@transaction.atomic
def product_remove(*, actor: Actor, product: Product, now: datetime) -> None:
    """Delete a product with its pictures and what was agreed about it."""
    names = list(product.pictures.values_list("name", flat=True))
    consent_withdraw(
        actor=actor,
        subject=f"{SUBJECT}:{product.pk}",
        purpose=ConsentPurpose.PUBLICATION,
        now=now,
        how="removed",
    )
    audit_record(
        actor=actor,
        action="programmes.product.remove",
        target=product,
        before={"title": product.title},
        at=now,
    )
    product.delete()
    transaction.on_commit(lambda: _drop(names))


@transaction.atomic
def picture_remove(*, actor: Actor, picture: ProductPicture, now: datetime) -> None:
    """Delete one picture."""
    audit_record(actor=actor, action="programmes.product.picture_remove", target=picture.product, at=now)
    name = picture.name
    picture.delete()
    transaction.on_commit(lambda: PICTURES_OF_PRODUCTS.drop(name))
