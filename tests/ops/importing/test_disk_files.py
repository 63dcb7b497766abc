"""Files and folders of lists, as they lie on disks."""

from pathlib import Path

import pytest

from fleet.errors import BadInput
from ops.importing.disk_files import DiskFiles


def test_links_to_folders_are_followed_and_circles_are_not(tmp_path: Path) -> None:
    """Inventories share their variables by links."""
    (tmp_path / "common").mkdir()
    (tmp_path / "common/all.yml").write_text("x: 1\n", encoding="utf-8")
    (tmp_path / "vars/.git").mkdir(parents=True)
    (tmp_path / "vars/.git/config").write_text("", encoding="utf-8")
    (tmp_path / "vars/all").symlink_to("../common")
    (tmp_path / "vars/web").symlink_to("../common")
    (tmp_path / "common/back").symlink_to("..")

    found = DiskFiles().files_below(str(tmp_path / "vars"))

    assert [f"{tmp_path}/vars/all/all.yml", f"{tmp_path}/vars/web/all.yml"] == [
        path for path in found if "back" not in path
    ]


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of them would be passed over without a word."""
    monkeypatch.setattr("ops.importing.disk_files.MOST_FILES", 2)
    for number in range(3):
        (tmp_path / str(number)).touch()
    with pytest.raises(BadInput, match="more than 2 files"):
        DiskFiles().files_below(str(tmp_path))


def test_workbook_says_how_it_is_saved(tmp_path: Path) -> None:
    """Who has one in Excel gives that."""
    path = tmp_path / "hosts.xlsx"
    path.write_bytes(b"PK\x03\x04\x14\x00")
    with pytest.raises(BadInput, match="save the sheet as CSV"):
        DiskFiles().read(str(path))


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("name\nmüller\n".encode("cp1252"), "cp1252"),
        ("name\nmüller\n".encode("utf-16-le"), "utf-16-le"),
        ("name\nmueller\n".encode("utf-16-le"), "utf-16-le"),
    ],
)
def test_text_in_another_encoding_says_which_it_may_be(tmp_path: Path, raw: bytes, encoding: str) -> None:
    """Windows writes both, and the first has no mark."""
    path = tmp_path / "hosts.csv"
    path.write_bytes(raw)
    with pytest.raises(BadInput, match=encoding):
        DiskFiles().read(str(path))
    assert DiskFiles(encoding).read(str(path)).startswith("name\nm")
