"""What takes the place of a job's process in tests: the same files, without Keras.

The option `seed` says what it does: to 899 it succeeds after so many milliseconds.
"""

import fcntl
import json
import os
import signal
import sys
import time
from pathlib import Path

from lr_finder.service.jobs.limited import end_with

FAULT, EXIT, ABORT, FOR_EVER, NO_RATE = 900, 901, 902, 903, 904


def note(folder, what):
    """A line in a file beside the jobs; lines of two processes are not mixed."""
    line = f"{folder.parent.name} {what} {os.getpid()} {time.monotonic()}\n"
    descriptor = os.open(folder.parents[2] / "notes.txt", os.O_CREAT | os.O_APPEND | 1)
    os.write(descriptor, line.encode())
    os.close(descriptor)


def main():
    folder, parent = Path(sys.argv[1]), int(sys.argv[2])
    end_with(parent)
    order = json.loads((folder / "order.json").read_text())
    with open(folder.parent / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note(folder, "begins")
        what = order["options"]["seed"]
        assert next((folder.parent / "sent").iterdir()).read_bytes()
        told = {"stage": "sweep", "done": 1, "total": 2}
        (folder / "progress.json").write_text(json.dumps(told))
        if what == FOR_EVER:
            time.sleep(600)
        if what == ABORT:
            os.kill(os.getpid(), signal.SIGABRT)
        if what == EXIT:
            sys.exit(3)
        if what == FAULT:
            error = {"error": {"type": "InputError", "message": "no rows"}}
            (folder / "fault.json").write_text(json.dumps(error))
            return
        time.sleep(what / 1000)
        result = {"lr": what, "name": order["name"]}
        if what == NO_RATE:
            result = {"error": {"type": "SuggestionError", "message": "flat"}}
        table = {"finding": "sweep.csv", "comparison": "runs.csv"}[order["kind"]]
        for name in ("report.html", "figure.png", table):
            (folder / name).write_text("x" * 1000)
        (folder / "result.json").write_text(json.dumps(result))
        note(folder, "ends")
        os.rename(folder, folder.parent / order["result"])


if __name__ == "__main__":
    main()
