"""The API by its document alone: cases made from it, and a client generated from it, against `serve` and the deployed stack."""

import json
import os
import re
import subprocess
import time
import urllib.request
from collections import Counter, defaultdict
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path

import pytest
import yaml
from command import admin_token, ask
from conftest import COMMAND, ROOT, SENDING, WORK, figure, run, until
from helpdesk import local
from inbox import DEMO, deliver, now

HERE = Path(__file__).parent
DOCUMENT = ROOT / "infra" / "openapi.yaml"
BIN = WORK / "clients" / "bin"
# From three buyers, with their order ids.
MAILS = [DEMO / name for name in ["01-de-broken-lid.eml", "04-it-parcel-missing.eml", "08-gb-lamp-flickers.eml"]]


@dataclass
class Api:
    """The API of a system, with a token for all of it and a store where three buyers wait."""

    url: str
    token: str
    store: str = ""

    def ask(self, method, path, body=None):
        """What it answers to JSON; an error fails."""
        return ask(self.url, self.token, method, path, body)

    def open(self, store):
        """A new store; gives the address that its mail comes to. It sends from the one that the stack may send from."""
        self.store, address = store, f"{store}@mail.lampen.example"
        self.ask("PUT", f"/v1/stores/{store}", {"recipient": address, "from": SENDING, "daily_orders": 20})
        return address

    def waiting(self):
        """The ids of the threads, as soon as all are there."""
        threads = lambda: self.ask("GET", f"/v1/stores/{self.store}/threads?status=needs-response")["threads"]
        return until("all wait", lambda: found if len(found := [one["id"] for one in threads()]) == len(MAILS) else None)


@pytest.fixture
def serve(tmp_path):
    """`within24 serve` on a free port and a folder of its own; three buyers have written."""
    said = tmp_path / "said"
    with said.open("w") as out, (tmp_path / "log").open("w") as log:
        command = [COMMAND, "serve", "--listen", "127.0.0.1:0", "--data", tmp_path / "data"]
        process = subprocess.Popen(command, stdout=out, stderr=log)
    try:
        url = until("it serves", lambda: re.search(r"http://127\.0\.0\.1:\d+(?=[\s\S]*metrics)", said.read_text())).group()
        api = Api(url, (tmp_path / "data" / "admin.token").read_text().strip())
        address = api.open("kontorhaus")
        for mail in MAILS:
            date = b"Date: " + format_datetime(now()).encode()
            raw = re.sub(rb"(?m)^Date: .*$", date, mail.read_bytes(), count=1)
            headers = {"authorization": f"Bearer {api.token}"}
            request = urllib.request.Request(f"{url}/mail?recipient={address}", raw, headers)
            assert json.load(urllib.request.urlopen(request, timeout=60))["state"] == "taken-in"
        yield api
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


@pytest.fixture(scope="session")
def first_token(stack):
    """A token of the deployed stack that may do everything."""
    return admin_token(stack)


def deployed(stack, token, store):
    """The API of the deployed stack; three buyers have written to this store of it."""
    api = Api(local(stack, stack.outputs["ApiUrl"]), token)
    address = api.open(store)
    for mail in MAILS:
        another = [(b"Message-ID: <", f"Message-ID: <{store}".encode())]
        deliver(stack, f"mail/{store}-{mail.stem}", mail, changes=another, recipient=address)
    return api


# ---- A client generated from the document ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """The folder with the client `within24_client`, in Python; the generator understood the whole document."""
    folder = tmp_path_factory.mktemp("generated")
    settings = folder / "settings.yaml"
    settings.write_text("post_hooks: []\n")
    command = [BIN / "openapi-python-client", "generate", "--path", DOCUMENT, "--output-path", folder / "within24_client"]
    run([str(word) for word in [*command, "--meta", "none", "--config", settings, "--fail-on-warning"]], os.environ)
    return folder


def a_day(api, generated):
    api.waiting()
    environment = {**os.environ, "WITHIN24_TOKEN": api.token, "PYTHONPATH": str(generated)}
    run([str(BIN / "python"), str(HERE / "a_day.py"), api.url, api.store], environment)


def test_a_generated_client_does_a_days_work_with_serve(serve, generated):
    a_day(serve, generated)


def test_a_generated_client_does_a_days_work_with_the_deployed_stack(stack, first_token, generated):
    a_day(deployed(stack, first_token, "day"), generated)


# ---- Cases made from the document ------------------------------------------------------------------------------------
#
# They come last: they change a store until it cannot send any more.


def cases(api, folder, what, most, phases):
    """Calls every operation with cases made from the document, good and bad, at most so many of each kind; nothing but what
    the document says may come back, and every operation is done at least once.

    Left out is the check that what fits the schemas is accepted: whether an address is taken, a store there or an answer
    allowed is in no schema."""
    threads = api.waiting()
    # A token has 10 requests a second: with thirty nobody waits, and 429 does not hide the rest.
    made = [api.ask("POST", "/v1/tokens", {"name": f"case {n}", "scopes": {"*": "admin"}})["token"] for n in range(30)]
    # Nothing happens that these want; there is room for two more.
    quiet = lambda n: {"url": f"https://hooks.example.com/{n}", "events": ["MailQuarantined.v1"]}
    endpoints = [api.ask("POST", f"/v1/stores/{api.store}/endpoints", quiet(n))["id"] for n in range(18)]
    document = yaml.safe_load(DOCUMENT.read_text())
    parameters = document["components"]["parameters"]
    assert parameters["Store"]["example"] == api.store, "what the examples do is done"
    parameters["Thread"]["example"] = threads[0]
    parameters["Endpoint"]["example"], parameters["EndpointToDelete"]["example"] = endpoints[:2]
    described = folder / "openapi.json"
    described.write_text(json.dumps(document))
    settings = folder / "schemathesis.toml"
    settings.write_text(
        f"""
[dictionaries]
stores = {{values = ["{api.store}"]}}
threads = {{values = {json.dumps(threads)}}}
endpoints = {{values = {json.dumps(endpoints[2:])}}}
[parameters]
"path.store" = {{dictionary = "stores", probability = 0.9}}
"path.thread" = {{dictionary = "threads", probability = 0.9}}
"path.endpoint" = {{dictionary = "endpoints", probability = 0.9}}
"""
    )
    notes = folder / "notes.jsonl"
    environment = {
        **os.environ,
        "TOKENS": " ".join([api.token, *made]),
        "NOTES": str(notes),
        "SCHEMATHESIS_HOOKS": "in_turn",
        "PYTHONPATH": str(HERE),
    }
    command = [BIN / "schemathesis", "--config-file", settings, "run", described, "--url", api.url]
    command += ["--exclude-checks", "positive_data_acceptance", "--seed", "24", "--max-examples", str(most), "--phases", phases]
    command += ["--generation-database", "none", "--no-color", "--continue-on-failure"]
    started = time.monotonic()
    run([str(word) for word in command], environment, cwd=folder, seconds=600)
    took = time.monotonic() - started
    answers = [json.loads(line) for line in notes.read_text().splitlines()]
    statuses = Counter(one["status"] for one in answers)
    by = defaultdict(set)
    for one in answers:
        by[one["operation"]].add(one["status"])
    operations = {one["operationId"] for path in document["paths"].values() for one in path.values() if "operationId" in one}
    assert [name for name in sorted(operations) if not by[name] & {200, 201, 202, 204}] == []
    assert statuses[429] < len(answers) / 100
    told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    figure(f"cases from the document against {what}", f"{len(answers)} in {took:.0f} s ({told})")


def test_serve_answers_every_case_as_the_document_says(serve, tmp_path):
    # On landing a few of each kind; WITHIN24_CASES=400 looks for hours.
    cases(serve, tmp_path, "serve", most=int(os.environ.get("WITHIN24_CASES", "15")), phases="examples,coverage,fuzzing,stateful")


def test_the_deployed_stack_answers_every_case_as_the_document_says(stack, first_token, tmp_path):
    api = deployed(stack, first_token, "kontorhaus")
    cases(api, tmp_path, "the deployed stack", most=4, phases="examples,coverage")
