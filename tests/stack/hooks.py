"""What schemathesis is told of the system under test, by its environment: tokens to call with, and ids that there are."""

import itertools
import os
import random
import re

import schemathesis

# One token may ask ten times a second: many take turns.
TOKENS = itertools.cycle(os.environ["API_TOKENS"].split())
STORE = os.environ["API_STORE"]
THREADS = os.environ["API_THREADS"].split()
# As the document has them.
VALID_STORE = re.compile(r"[A-Za-z0-9_-]{1,40}")
VALID_THREAD = re.compile(r"[A-Za-z0-9-]{1,64}")


@schemathesis.auth(refresh_interval=None)
class Bearer:
    def get(self, case, context):
        return next(TOKENS)

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Where a store and a thread are named that could be, most are the ones that are: else nearly every answer is 404."""
    parameters = dict(path_parameters or {})
    known = random.Random(repr(sorted(parameters.items(), key=str))).random() < 0.9
    if known and VALID_STORE.fullmatch(str(parameters.get("store", ""))):
        parameters["store"] = STORE
        if VALID_THREAD.fullmatch(str(parameters.get("thread", ""))):
            parameters["thread"] = THREADS[len(str(parameters["thread"])) % len(THREADS)]
    return parameters
