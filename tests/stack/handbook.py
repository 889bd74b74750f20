"""The handbook, infra/docs/, followed word for word."""

import re

from conftest import ROOT, run
from helpdesk import local

PAGES = {page.name: page.read_text() for page in sorted((ROOT / "infra" / "docs").glob("*.md"))}
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)


def commands(heading):
    """The blocks of commands in a section, as they stand there."""
    section = re.compile(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", re.M | re.S)
    found = [(page, body) for page, text in PAGES.items() for body in section.findall(text)]
    assert len(found) == 1, f"{heading!r} is a section of {[page for page, _ in found]}, not of one page of infra/docs"
    [(page, body)] = found
    blocks = BLOCK.findall(body)
    assert blocks, f"{page}: {heading!r} has no commands"
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
