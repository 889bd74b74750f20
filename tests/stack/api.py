"""The HTTP API as others see it: a fuzzer that reads its document, and a client that a generator made of it."""

import json
import os
import re
import urllib.request
from dataclasses import dataclass

from conftest import ROOT, WORK, run

BIN = WORK / "api" / "bin"
DOCUMENT = ROOT / "infra" / "openapi.yaml"
# A token may ask ten times a second.
TOKENS = 30


@dataclass
class Api:
    """Where it is, and a token that may do everything."""

    url: str
    token: str

    def ask(self, method, path, body=None):
        """What it answers, as JSON."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def fuzz(api, examples, folder):
    """Every operation with data that fits the document and data that does not, with real ids; every answer held against the
    document. Gives how many cases there were."""
    make = {"name": "fuzz", "scopes": {"*": "admin"}}
    threads = api.ask("GET", "/v1/stores/lampen/threads")["threads"]
    assert threads
    environment = {
        **os.environ,
        "API_TOKENS": " ".join(api.ask("POST", "/v1/tokens", make)["token"] for _ in range(TOKENS)),
        "API_STORE": "lampen",
        "API_THREADS": " ".join(thread["id"] for thread in threads),
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(ROOT / "tests" / "stack"),
    }
    # What fits the document may be refused all the same: an answer that the screen blocks, a thread that was not named.
    command = [BIN / "st", "run", DOCUMENT, "--url", api.url, "--checks", "all", "--exclude-checks", "positive_data_acceptance"]
    how = ["--phases", "examples,coverage,fuzzing", "--max-examples", examples, "--seed", "24", "--continue-on-failure"]
    said = run([str(word) for word in [*command, *how, "--no-color"]], environment, seconds=600, cwd=folder)
    tested = re.search(r"Tested: (\d+)", said)
    cases = re.search(r"(\d+) generated, (\d+) passed", said)
    assert tested and cases, said
    operations = len(re.findall(r"^      operationId: ", DOCUMENT.read_text(), re.M))
    assert int(tested.group(1)) == operations > 20, said
    assert int(cases.group(1)) == int(cases.group(2)) > 500, said
    return int(cases.group(1))


def make_client(folder):
    """A client in Python that openapi-python-client makes of the document, without a word of complaint."""
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n")
    generator = [BIN / "openapi-python-client", "generate", "--path", DOCUMENT, "--config", config]
    how = ["--output-path", folder / "within24_client", "--meta", "none", "--fail-on-warning"]
    run([str(word) for word in [*generator, *how]], os.environ)
    return folder


def day(api, client, order):
    """A working day with the generated client."""
    environment = {**os.environ, "PYTHONPATH": str(client), "API_TOKEN": api.token}
    script = ROOT / "tests" / "stack" / "day.py"
    said = run([str(BIN / "python"), str(script), api.url, "lampen", order], environment, seconds=300)
    assert said.splitlines()[-1] == "the day is done", said
