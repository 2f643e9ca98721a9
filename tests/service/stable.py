"""`python -m tests.service.stable FOLDER`: forks a worker for each line it reads, and writes its number."""

import json
import os
import signal
import sys
from pathlib import Path


def work(folder: Path, number: int) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    from config.celery import app

    app.worker_main(
        [
            *("--quiet", "worker", "-P", "threads", "-c", "2", "-l", "WARNING", "-B"),
            *("-s", str(folder / f"beat-{number}"), "-n", f"worker{number}@test"),
            *("--without-gossip", "--without-mingle"),
        ]
    )


def main(folder: Path) -> None:
    import django

    django.setup()
    # What a worker reads at its start, read once for all of them.
    import celery.apps.worker
    import celery.beat
    import celery.concurrency.thread
    import celery.worker.consumer  # noqa: F401

    from config.celery import app

    app.loader.import_default_modules()
    app.finalize()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not waited for
    for number, _line in enumerate(sys.stdin):
        pid = os.fork()
        if not pid:
            work(folder, number)
            os._exit(0)
        sys.stdout.write(json.dumps(pid) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
