"""Four harvesters of others harvest N of N over HTTP, while works change, come and go."""

import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from oaipmh.client import Client
from oaipmh.metadata import MetadataRegistry, oai_dc_reader
from oaipmh_scythe import Scythe
from sickle import Sickle

from khcn.library.enums import WorkState
from khcn.library.exports import oai as export
from khcn.library.models import Work
from khcn.library.services.oai import oai_follow
from tests.library.oai_world import changed, public_work

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = 23
Seen = dict[str, bool]  # identifier -> deleted


@pytest.fixture
def address(live_server: Any, settings: Any, monkeypatch: Any) -> str:
    settings.KHCN = settings.KHCN.model_copy(update={"base_url": live_server.url})
    monkeypatch.setattr(export, "PAGE", {"ListRecords": 5, "ListIdentifiers": 5})
    return f"{live_server.url}/oai"


@pytest.fixture
def works(address: str) -> list[Work]:
    made = [public_work(f"Tài liệu {number}") for number in range(COUNT)]
    oai_follow()
    return made


def by_sickle(address: str, meanwhile: Callable[[int], None]) -> Seen:
    seen: Seen = {}
    for number, record in enumerate(
        Sickle(address).ListRecords(metadataPrefix="oai_dc", ignore_deleted=False)
    ):
        seen[record.header.identifier] = record.deleted
        meanwhile(number)
    return seen


def by_scythe(address: str, meanwhile: Callable[[int], None]) -> Seen:
    seen: Seen = {}
    with Scythe(address) as scythe:
        for number, record in enumerate(scythe.list_records(metadata_prefix="oai_dc")):
            seen[record.header.identifier] = record.deleted
            meanwhile(number)
    return seen


_PERL = """
use strict; use HTTP::OAI; $| = 1;
my $harvester = HTTP::OAI::Harvester->new(baseURL => $ARGV[0]);
my $list = $harvester->ListRecords(metadataPrefix => 'oai_dc', onRecord => sub {
    my $record = shift; print $record->identifier, ' ', ($record->is_deleted ? 1 : 0), "\\n"; });
die $list->message if $list->is_error;
"""


def by_perl(address: str, meanwhile: Callable[[int], None]) -> Seen:
    perl = shutil.which("perl")
    if (
        not perl
        or subprocess.run([perl, "-MHTTP::OAI", "-e", "1"], capture_output=True, check=False).returncode
    ):
        pytest.skip("Perl HTTP::OAI is not installed (Debian: libhttp-oai-perl)")
    seen: Seen = {}
    with subprocess.Popen([perl, "-e", _PERL, address], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for number, line in enumerate(process.stdout):
            name, deleted = line.split()
            seen[name] = deleted == "1"
            meanwhile(number)
    assert process.returncode == 0
    return seen


def by_oaipmh(address: str, meanwhile: Callable[[int], None]) -> Seen:
    """The client that grew out of pyoai, which CKAN and others harvest with; it checks what Identify says, too."""
    known = MetadataRegistry()
    known.registerReader("oai_dc", oai_dc_reader)
    source = Client(address, known)
    source.updateGranularity()
    seen: Seen = {}
    for number, (header, metadata, _about) in enumerate(source.listRecords(metadataPrefix="oai_dc")):
        assert header.isDeleted() or metadata.getField("title")
        seen[header.identifier()] = header.isDeleted()
        meanwhile(number)
    return seen


CLIENTS = [by_sickle, by_scythe, by_oaipmh, by_perl]


@pytest.mark.parametrize("harvest", CLIENTS)
def test_all_of_all(address: str, works: list[Work], harvest: Callable[..., Seen]) -> None:
    seen = harvest(address, lambda _number: None)
    assert {int(name.rsplit(":", 1)[1]) for name in seen} == {work.pk for work in works}
    assert not any(seen.values())


@pytest.mark.parametrize("harvest", CLIENTS)
def test_all_of_all_while_works_change_and_are_withdrawn(
    address: str, works: list[Work], harvest: Callable[..., Seen]
) -> None:
    first, last = works[0], works[-1]

    def meanwhile(number: int) -> None:
        if number not in (0, 6, 12):
            return
        touched = [works[number], works[COUNT - 2 - number]]
        Work.objects.filter(pk__in=[work.pk for work in touched]).update(title=f"Sửa lần {number}")
        changed(*touched)
        if number == 6:
            Work.objects.filter(pk=last.pk).update(state=WorkState.WITHDRAWN)
            Work.objects.filter(pk=first.pk).update(state=WorkState.FROZEN)
            changed(first, last)
        works.append(public_work(f"Mới {number}"))
        oai_follow()

    seen = harvest(address, meanwhile)
    missing = {work.pk for work in works} - {int(name.rsplit(":", 1)[1]) for name in seen}
    if harvest is by_perl:  # reads ahead of us, so what came last may be behind the end of its list
        missing -= {work.pk for work in works[COUNT:]}
    assert not missing
    deleted = {int(name.rsplit(":", 1)[1]) for name, gone in seen.items() if gone}
    assert deleted <= {first.pk, last.pk}
    if harvest is not by_perl:
        assert deleted == {first.pk, last.pk}


def test_incremental_harvest_brings_what_changed_since(address: str, works: list[Work]) -> None:
    sickle = Sickle(address)
    before = sickle.Identify()
    assert before.deletedRecord == "persistent"
    stamps = [header.datestamp for header in sickle.ListIdentifiers(metadataPrefix="oai_dc")]
    Work.objects.filter(pk=works[3].pk).update(title="Chỉ mình tôi đổi")
    changed(works[3])
    oai_follow()
    later = list(sickle.ListRecords(metadataPrefix="oai_dc", **{"from": max(stamps)}))
    names = {record.header.identifier for record in later if record.header.datestamp > max(stamps)}
    assert names == {f"oai:localhost:{works[3].pk}"}
