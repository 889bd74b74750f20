"""The `within24` command, used on the deployed stack."""

import json

from conftest import run
from helpdesk import local

COMMAND = ["cargo", "run", "--quiet", "--locked", "--bin", "within24", "--"]


def within24(stack, *words):
    """Runs the command against the deployed API, with a token of an admin that is made for it; gives what it prints."""
    make = ["token", "make", "--table", stack.outputs["TableName"], "--name", "test", "--scope", "*=admin", "--json"]
    token = json.loads(run([*COMMAND, *make], stack.aws.environment, seconds=900).splitlines()[-1])["token"]
    api = ["--api", local(stack, stack.outputs["ApiUrl"])]
    return run([*COMMAND, *words, *api], {**stack.aws.environment, "WITHIN24_TOKEN": token})
