"""How many queries one request makes: what request_cost.py asks in a process of its own.

DATABASE_URL=... .venv/bin/python benchmarks/request_queries.py PATH [BODY COOKIE]
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main(path: str, body: str = "", cookie: str = "") -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"cookie": cookie, "x-forwarded-for": "10.9.8.7"}, SERVER_NAME="localhost")
    client.get("/bare/send/")  # the first request of a process also loads settings of the connection
    with CaptureQueriesContext(connection) as asked:
        if body:
            client.post(path, body, content_type="application/x-www-form-urlencoded")
        else:
            client.get(path)
    return len(asked)


if __name__ == "__main__":
    import django

    django.setup()
    print(main(*sys.argv[1:]))
