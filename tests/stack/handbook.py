"""infra/README.md, followed word for word."""

import re

from conftest import ROOT, run
from helpdesk import local

TEXT = (ROOT / "infra" / "README.md").read_text()
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)


def commands(heading):
    """The blocks of commands in a section, as they stand there."""
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", TEXT, re.M | re.S)
    assert section, f"infra/README.md has no section {heading!r}"
    blocks = BLOCK.findall(section.group(1))
    assert blocks, f"{heading!r} has no commands"
    return blocks


def follow(stack, *blocks, typed="", seconds=300):
    """Runs blocks of commands one after the other in one shell, after those of "Names used below"; gives what they print.
    `typed` is what a person enters where a command asks."""
    script = "set -euo pipefail\n" + "\n".join([*commands("Names used below"), *blocks])
    # The local AWS serves the API at another address than its outputs name.
    if "ApiUrl" in stack.outputs:
        script = script.replace("$(output ApiUrl)", local(stack, stack.outputs["ApiUrl"]).replace("$", r"\$"))
    return run(["bash", "-c", script], stack.aws.environment, seconds=seconds, typed=typed)


def words_for_word(stack, *headings, **how):
    """Runs all commands of these sections."""
    return follow(stack, *(block for heading in headings for block in commands(heading)), **how)
