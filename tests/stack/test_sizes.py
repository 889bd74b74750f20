"""The check of what the built functions weigh, on functions that weigh what they should not."""

import random

import sizes


def test_a_function_of_twelve_megabytes_is_too_large(tmp_path, capsys):
    for name, weight in [("Light", 1_000_000), ("Heavy", 12_000_001)]:
        (tmp_path / name).mkdir()
        # Nothing that a zip could make smaller.
        (tmp_path / name / "bootstrap").write_bytes(random.Random(24).randbytes(weight))
    assert sizes.main(tmp_path) == 1
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[2:] for line in said[:2]] == [["Heavy", "too", "large"], ["Light"]]
    (tmp_path / "Heavy" / "bootstrap").unlink()
    assert sizes.main(tmp_path) == 0


def test_a_folder_without_functions_is_no_success(tmp_path):
    assert sizes.main(tmp_path) == 1
