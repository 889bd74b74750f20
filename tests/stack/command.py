"""The `within24` command, used on the deployed stack."""

import json
import urllib.request

from conftest import COMMAND, run
from helpdesk import local


def admin_token(stack):
    """A token of the deployed stack that may do everything, made with the rights of who deployed it."""
    make = ["token", "make", "--table", stack.outputs["TableName"], "--name", "tests", "--scope", "*=admin", "--json"]
    return json.loads(run([str(COMMAND), *make], stack.aws.environment).splitlines()[-1])["token"]


def within24(stack, *words):
    """Runs the command against the deployed API, with a token that may do everything; gives what it prints."""
    api = ["--api", local(stack, stack.outputs["ApiUrl"])]
    return run([str(COMMAND), *words, *api], {**stack.aws.environment, "WITHIN24_TOKEN": admin_token(stack)})


def ask(url, token, method, path, body=None):
    """What the API at this address answers to JSON; an error fails."""
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)
