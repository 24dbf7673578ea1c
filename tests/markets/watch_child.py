"""A box that is killed: appends minutes to its spool and forwards them into the database, as fast as it can.

``python -m tests.markets.watch_child FOLDER BOX CAMERA GATE FIRST COUNT``; prints each minute once it is safe on disk.
"""

import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django


def main() -> None:
    folder, box, camera, gate, first, count = sys.argv[1:]
    django.setup()
    from khcn.engines.vision.minutes import CameraMinute, GateMinute
    from khcn.engines.vision.spool import Forwarder, Spool
    from khcn.markets.centres import LocalCentre

    centre = LocalCentre(box)
    spool = Spool(Path(folder))
    forwarder = Forwarder(spool, lambda batch: centre.send(batch, {}), most=7)
    done = threading.Event()

    def send() -> None:
        while not (done.is_set() and spool.batch(most=1) is None):
            forwarder.step()

    sender = threading.Thread(target=send)
    sender.start()
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=30)
    for number in range(int(first), int(count)):
        minute = CameraMinute(
            camera, start + timedelta(minutes=number), 60.0, gates=(GateMinute(gate, 1 + number % 5, 1),)
        )
        if spool.append(minute.as_json()):
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
    done.set()
    sender.join()
    spool.close()


if __name__ == "__main__":
    main()
