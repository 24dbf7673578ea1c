#!/usr/bin/env python3
"""Take pictures of pages at 360 and 1280 px in both themes, so that somebody looks at them.

tools/shots.py --base http://127.0.0.1:8000 --out DIR [--user NAME --password WORD] PATH...
"""

import argparse
import re
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

WIDTHS = (360, 1280)


def shoot(browser: Browser, options: argparse.Namespace) -> None:
    """Visit every page once a width and theme."""
    for width in WIDTHS if not options.width else [options.width]:
        for theme in options.themes:
            page = browser.new_context(
                viewport={"width": width, "height": 800}, color_scheme=theme, locale="vi-VN"
            ).new_page()
            page.on("console", lambda m: print("console:", m.text) if m.type == "error" else None)
            if options.user:
                page.goto(f"{options.base}/tai-khoan/dang-nhap/")
                page.fill("input[name=login]", options.user)
                page.fill("input[name=password]", options.password)
                page.click("main button[type=submit]")
            for path in options.paths:
                page.goto(options.base + path)
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    print(f"{path}: {wide} px wide at {width}")
                name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"
                page.screenshot(path=options.out / f"{name[:60]}-{width}-{theme}.png", full_page=options.full)


def main() -> None:
    """Read the options and shoot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, default=Path("var/shots"))
    parser.add_argument("--user")
    parser.add_argument("--password", default="dung-thu-2026")
    parser.add_argument("--width", type=int)
    parser.add_argument("--themes", nargs="+", default=["light", "dark"])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        shoot(browser, options)
        browser.close()


if __name__ == "__main__":
    main()
