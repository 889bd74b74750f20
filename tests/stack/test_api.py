"""The HTTP API of `within24 serve`, as others see it."""

import os
import re
import signal
import subprocess
import urllib.request
from contextlib import contextmanager
from email.utils import format_datetime

from api import Api, day, fuzz
from conftest import ROOT, figure, run
from inbox import DEMO, now

STORE = """
id = "lampen"
recipient = "amazon@mail.lampen.example"
from = "amazon@mail.lampen.example"
daily_orders = 20
"""

@contextmanager
def serving(folder):
    """`within24 serve` with a store and the demo's mails, which came just now."""
    data = folder / "data"
    with (folder / "serve.log").open("w") as log:
        server = subprocess.Popen(
            [ROOT / "target" / "debug" / "within24", "serve", "--listen", "127.0.0.1:0", "--data", data],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        said = ""
        # The last line of its welcome.
        while "metrics" not in said:
            line = server.stdout.readline()
            assert line, f"the server ended:\n{said}\n{(folder / 'serve.log').read_text()[-2000:]}"
            said += line
        api = Api(re.search(r"http://[^\s/]+", said).group(0), (data / "admin.token").read_text().strip())
        (folder / "shop.toml").write_text(STORE)
        environment = {**os.environ, "WITHIN24_TOKEN": api.token}
        command = [ROOT / "target" / "debug" / "within24", "store", "put", folder / "shop.toml", "--api", api.url]
        run([str(word) for word in command], environment)
        for mail in sorted(DEMO.glob("*.eml")):
            raw = re.sub(rb"(?m)^Date: .*$", b"Date: " + format_datetime(now()).encode(), mail.read_bytes(), count=1)
            bring = urllib.request.Request(
                f"{api.url}/mail?recipient=amazon@mail.lampen.example",
                data=raw,
                headers={"Authorization": f"Bearer {api.token}"},
            )
            urllib.request.urlopen(bring, timeout=60).close()
        yield api
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def test_serve_answers_as_its_document_says_whatever_it_is_asked(tmp_path):
    with serving(tmp_path) as api:
        figure("cases against serve", fuzz(api, 15, tmp_path))


def test_a_generated_client_does_a_days_work_with_serve(tmp_path, client):
    with serving(tmp_path) as api:
        day(api, client, "205-3308416-7752091")
