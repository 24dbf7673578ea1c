"""Who comes into the desk pages of support."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from khcn.programmes.permissions import Reach, reach_of, reads_support


def support_page(request: HttpRequest) -> Reach:
    """Return the person's reach; 403 for everybody else."""
    reach = reach_of(request.user)
    if not reads_support(reach):
        raise PermissionDenied(
            _("Phần hỗ trợ dành cho đơn vị đầu mối, tài chính, lãnh đạo và đơn vị có đề nghị.")
        )
    return reach
