#!/usr/bin/env python3
"""What the built functions weigh: `tests/stack/sizes.py target/sam` after `sam build`.

Lists every function in the folder, a folder each with its `bootstrap`, and ends with 1 where one is 12 MB zipped or more
(or where there is none): a cold start begins with fetching that much.
"""

import io
import sys
import zipfile
from pathlib import Path

MOST = 12_000_000


def zipped(binary):
    """The size of a binary as `sam deploy` uploads it: deflated, in a zip."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(binary, binary.name)
    return len(whole.getvalue())


def main(folder):
    sizes = {binary.parent.name: zipped(binary) for binary in sorted(Path(folder).glob("*/bootstrap"))}
    for name, size in sizes.items():
        print(f"{size / 1e6:6.1f} MB  {name}{'' if size < MOST else '  too large'}")
    print(f"{len(sizes)} functions; each must be below {MOST / 1e6:.0f} MB")
    return 0 if sizes and max(sizes.values()) < MOST else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
