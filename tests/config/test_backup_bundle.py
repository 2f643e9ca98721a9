"""The backup's file by itself: what was written comes back, anything else is refused with a reason."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.backups import bundle
from config.backups.bundle import Broken

KEY = "the-link-key"


def a_bundle(tmp_path: Path, **facts: object) -> bytes:
    (tmp_path / "dump").write_bytes(b"rows " * 5000)
    (tmp_path / "photo").write_bytes(bytes(range(256)) * 20)
    out = io.BytesIO()
    with bundle.writing(out) as writer:
        writer.add("database/winnow.dump", tmp_path / "dump")
        writer.add("media/photos/a.jpg", tmp_path / "photo")
        writer.close({"made_at": "2026-05-04T16:00:00+00:00", **facts}, KEY)
    return out.getvalue()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return a_bundle(tmp_path_factory.mktemp("bundle"))


def members(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}


def packed(content: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out


def test_what_was_written_comes_back(whole: bytes, tmp_path: Path) -> None:
    manifest, text, seal = bundle.verify(io.BytesIO(whole))
    assert seal == bundle.seal(text, KEY) != bundle.seal(text, "another key")
    assert set(manifest["parts"]) == {"database/winnow.dump", "media/photos/a.jpg"}
    bundle.unpack(io.BytesIO(whole), tmp_path)
    assert (tmp_path / "media/photos/a.jpg").read_bytes() == bytes(range(256)) * 20


@given(st.floats(0.0, 0.999))
def test_a_file_that_ends_early_is_refused(whole: bytes, share: float) -> None:
    with pytest.raises(Broken):
        bundle.verify(io.BytesIO(whole[: int(len(whole) * share)]))


@given(st.floats(0.0, 0.999), st.integers(1, 255))
def test_no_changed_byte_changes_what_is_read(whole: bytes, place: float, by: int) -> None:
    """Padding and the gzip header's time may change; what is in the members may not."""
    data = bytearray(whole)
    data[int(len(data) * place)] ^= by
    try:
        manifest, text, seal = bundle.verify(io.BytesIO(bytes(data)))
    except Broken:
        return
    assert (manifest, text, seal) == bundle.verify(io.BytesIO(whole))


def test_a_changed_an_added_and_a_missing_part_are_named(whole: bytes) -> None:
    content = members(whole)
    changed = {**content, "media/photos/a.jpg": b"another"}
    with pytest.raises(Broken, match=r"media/photos/a\.jpg is not what the manifest says"):
        bundle.verify(packed(changed))
    with pytest.raises(Broken, match=r"media/photos/b\.jpg is in this backup, but"):
        bundle.verify(packed({"media/photos/b.jpg": b"x", **content}))
    missing = {name: data for name, data in content.items() if name != "database/winnow.dump"}
    with pytest.raises(Broken, match=r"database/winnow\.dump is missing"):
        bundle.verify(packed(missing))


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "media/../../x", "..\\x"])
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    for read in (bundle.verify, lambda file: bundle.unpack(file, tmp_path / "here")):
        with pytest.raises(Broken, match="no backup holds"):
            read(packed({name: b"x"}))
    assert not (tmp_path / "x").exists()


def test_a_link_is_refused() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo("media/photos/a.jpg")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/shadow"
        tar.addfile(info)
    with pytest.raises(Broken, match="no backup holds"):
        bundle.verify(out)


def test_other_files_and_formats_of_the_future_are_refused(whole: bytes) -> None:
    with pytest.raises(Broken, match="no whole backup"):
        bundle.verify(io.BytesIO(b"PK\x03\x04 something else"))
    with pytest.raises(Broken, match="no manifest"):
        bundle.verify(packed({"readme.txt": b"hello"}))
    content = members(whole)
    content["manifest.json"] = content["manifest.json"].replace(b'"format": 1', b'"format": 2')
    with pytest.raises(Broken, match="has format 2"):
        bundle.verify(packed(content))
    with pytest.raises(Broken):
        bundle.verify(io.BytesIO(gzip.compress(b"")))


def test_a_manifest_that_would_fill_the_memory_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "_LARGEST_MANIFEST", 1000)
    with pytest.raises(Broken, match="too large"):
        bundle.verify(packed({"manifest.json": b" " * 1001}))


def test_a_file_that_grows_while_it_is_read_is_never_half_a_member(tmp_path: Path) -> None:
    """The size is taken once: what is written later is not in, and the manifest knows what is."""
    path = tmp_path / "growing"
    path.write_bytes(b"a" * 100)
    out = io.BytesIO()
    with bundle.writing(out) as writer:
        writer.add("uploads/growing", path)
        with path.open("ab") as more:
            more.write(b"b" * 100)
        writer.close({}, KEY)
    assert bundle.verify(out)[0]["parts"]["uploads/growing"]["bytes"] == 100
