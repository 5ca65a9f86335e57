"""Copies of TF-Hub modules that this machine keeps."""

import pytest

from latentshot.models.hub_module import _fetch_again


def test_a_copy_that_cannot_be_loaded_stays_where_no_other_is_to_be_had(tmp_path, monkeypatch):
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "saved_model.pb").touch()
    with pytest.raises(RuntimeError, match="could not be downloaded"):
        _fetch_again("http://127.0.0.1:9/progan/1", str(tmp_path / "copy"))
    assert (tmp_path / "copy" / "saved_model.pb").exists()
