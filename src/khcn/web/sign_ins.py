"""The demo sign-ins as lines for the terminal."""

from khcn.orgs.demo import demo_sign_ins


def sign_in_lines() -> list[str]:
    """Return one line a demo person: user name, password, role and unit."""
    people = demo_sign_ins()
    if not people:
        return []
    lines = ["Tài khoản dùng thử:"]
    lines += [f"  {who.username:<14} {who.password:<16} {who.role} - {who.unit}" for who in people]
    return lines
