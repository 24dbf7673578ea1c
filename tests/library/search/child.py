"""A process of its own beside the tests: indexes generated works in a folder, and can be killed at any moment.

``python -m tests.library.search.child write FOLDER FIRST LAST [PAUSE_AT]``: put works FIRST..LAST, commit every ten.
``python -m tests.library.search.child full FOLDER``: put works with a limit on the size of files.
"""
# ruff: noqa: T201  # it speaks to its parent on standard output

import resource
import signal
import sys
import time
from pathlib import Path


def main() -> None:
    from django.conf import settings

    settings.configure(USE_I18N=False)  # the index needs no application, and starting one takes five seconds
    from khcn.library.search.errors import IndexWriteError
    from khcn.library.search.tantivy_index import TantivyIndex
    from tests.library.search.works import work

    act, folder = sys.argv[1], Path(sys.argv[2])
    index = TantivyIndex(folder)
    if act == "full":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            with index.writer_lock(), index.writer() as writer:
                writer.put(
                    work(number, f"Sách {number}", f"chữ {number} " * 2000) for number in range(1000, 1200)
                )
                writer.commit(seq=5000, history="h")
        except IndexWriteError as error:
            print("refused", error.code, flush=True)
        return
    first, last = int(sys.argv[3]), int(sys.argv[4])
    pause_at = int(sys.argv[5]) if len(sys.argv) > 5 else -1
    with index.writer_lock() as held:
        print("held" if held else "busy", flush=True)
        if not held:
            return
        with index.writer() as writer:
            for number in range(first, last + 1):
                writer.put([work(number, f"Sách {number}", f"nội dung số {number} " * 50)])
                if number % 10 == 0:
                    writer.commit(seq=number, history="h")
                    print(number, flush=True)
                if number == pause_at:
                    print("paused", flush=True)
                    time.sleep(600)


main()
