"""``khcn people add``: the first administrator of an installation, made on the machine itself."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from khcn.core.errors import KhcnError
from khcn.core.prepare import ensure_ready
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit
from khcn.orgs.services.people import membership_add, temporary_password, user_create


class Command(BaseCommand):
    """Add a person with a role and print a password that has to be changed at the first sign-in."""

    help = "Thêm người dùng / add a person"

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("deed", choices=["add"])
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="họ và tên / full name")
        parser.add_argument("--email", default="")
        parser.add_argument("--role", choices=Role.values, default=Role.SYSADMIN.value)
        parser.add_argument("--unit", required=True, help="mã địa chỉ của đơn vị / key of the unit")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account and say how to sign in."""
        ensure_ready()
        today, password = timezone.localdate(), temporary_password()
        unit = Unit.objects.filter(key=options["unit"]).first()
        if unit is None:
            known = ", ".join(Unit.objects.in_force(today).values_list("key", flat=True)[:60])
            raise CommandError(f"Không có đơn vị {options['unit']}. Các đơn vị: {known or 'chưa nạp'}")
        try:
            with transaction.atomic():
                user = user_create(
                    actor=None,
                    today=today,
                    username=options["username"],
                    full_name=options["name"],
                    email=options["email"],
                    password=password,
                )
                membership_add(actor=None, today=today, user=user, unit=unit, role=Role(options["role"]))
        except KhcnError as error:
            raise CommandError(error.message) from error
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"username": user.username, "password": password}))
        else:
            self.stdout.write(f"{user.username}: mật khẩu tạm {password} (phải đổi khi đăng nhập)")
