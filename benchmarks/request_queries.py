"""How many queries requests make: what request_cost.py asks in a process of its own, once a city.

    echo '[["/ideas/", "", ""]]' | DATABASE_URL=... .venv/bin/python benchmarks/request_queries.py

Reads a list of path, posted body and cookie from standard input, and writes a list of numbers.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def count(path: str, body: str, cookie: str) -> int:
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
    print(json.dumps([count(*request) for request in json.load(sys.stdin)]))
