"""Senders: one for each channel, found in a registry.

Mail and desk are real. SMS and Zalo have no free gateway, so until an installation registers its own sender
(``outbox_senders``) their messages are written to a file in the data folder, where an operator can see them.
"""

import json
import smtplib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage

from khcn.core.enums import Channel
from khcn.core.models.outbox import Message
from khcn.core.outbox.rules import one_line
from khcn.core.registry import Registry


class SendError(Exception):
    """The sender could not deliver. ``permanent`` errors are not tried again (an unknown address)."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class NotWantedError(Exception):
    """Who was to get the message wants it no longer, or nothing is left that they may read."""


@dataclass(frozen=True)
class MailText:
    """A mail as it leaves: its subject, its text, and headers beside those that every mail has."""

    subject: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


MailFinisher = Callable[[Message], MailText | None]
"""Writes a mail in the moment in which it leaves (a message may wait for days); ``None``: it is not wanted any more."""

mail_finishers: Registry[MailFinisher] = Registry("finishers of mails")
"""By what stands before the first colon of a message's ``dedupe_key``."""


class Sender(Protocol):
    """Hands one message over to the outside world."""

    def send(self, message: Message) -> None:
        """Deliver ``message``. :raises SendError: when that failed."""
        ...


class MailSender:
    """Sends plain-text mail through Django's mail settings.

    The Message-ID is made from the message's id, so that a mail repeated after a crash is recognised as the
    same.
    """

    def send(self, message: Message) -> None:
        """Send one mail. :raises NotWantedError: when its finisher says so."""
        text = _mail_text(message)
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
        headers = {"Message-ID": f"<khcn-{message.pk}@{domain}>", "Auto-Submitted": "auto-generated"}
        mail = EmailMessage(
            text.subject, text.body, to=[message.recipient], headers={**text.headers, **headers}
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _text in error.recipients.values()]
            raise SendError(str(error), permanent=all(code >= 500 for code in codes)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise SendError(f"{type(error).__name__}: {error}") from error


def _mail_text(message: Message) -> MailText:
    key = (message.dedupe_key or "").partition(":")[0]
    if key in mail_finishers:
        found = mail_finishers.get(key)(message)
        if found is None:
            raise NotWantedError
        return MailText(one_line(found.subject)[:200], found.body, found.headers)
    body = message.body
    if message.link:
        body = f"{body}\n\n{absolute_link(message.link)}\n"
    return MailText(message.subject, body)


class DeskSender:
    """A desk message has arrived as soon as its row is committed."""

    def send(self, message: Message) -> None:
        """Do nothing more."""


class FileSender:
    """Appends each message as a JSON line to ``<data>/mail/<channel>.jsonl``, until a gateway is set."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def send(self, message: Message) -> None:
        """Write one line."""
        folder = self._folder or settings.KHCN.data_dir / "mail"
        line = json.dumps(_as_json(message), ensure_ascii=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / f"{message.channel}.jsonl").open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise SendError(str(error)) from error


class ConsoleSender:
    """Writes each message to standard error, for development."""

    def send(self, message: Message) -> None:
        """Write one line."""
        sys.stderr.write(json.dumps(_as_json(message), ensure_ascii=False) + "\n")


def _as_json(message: Message) -> dict[str, object]:
    return {"id": message.pk, "channel": message.channel, "to": message.recipient, "text": message.body}


def absolute_link(link: str) -> str:
    """Return a site path as a full address."""
    return link if "://" in link else settings.KHCN.base_url.rstrip("/") + link


outbox_senders: dict[str, Sender] = {
    Channel.MAIL: MailSender(),
    Channel.DESK: DeskSender(),
    Channel.SMS: FileSender(),
    Channel.ZALO: FileSender(),
}
"""The sender of each channel; an installation's own app replaces an entry in ``AppConfig.ready``."""
