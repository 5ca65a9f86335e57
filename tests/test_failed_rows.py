"""What bin/reproduce.py says of a row that has failed."""

import pytest

from latentshot.bin import reproduce
from latentshot.experiment.run_directory import RunDirectory


@pytest.mark.parametrize(
    ("code", "said", "status"),
    [
        (1, "error: no room", "failed: error: no room"),
        (1, "", "failed: exit status 1"),
        (-9, "meta-training: 42%", "failed: ended by signal 9 (9: out of memory, perhaps)"),
    ],
)
def test_a_row_that_fails_says_why_by_its_own_words_and_not_by_those_of_an_earlier_call(
    code, said, status, tmp_path, monkeypatch
):
    log = tmp_path / "supervised-maml.log"
    log.write_text("error: what an earlier call ended with\n")

    def run(words, log):
        with log.open("a") as file:
            file.write(said)
        return code

    monkeypatch.setattr("latentshot.experiment.reproduction.run_child", run)
    reproduction = reproduce.build(reproduce.ReproduceConfig("lasium/table-2", rows=("supervised-maml",)))
    assert reproduction._run(reproduction.rows[0], {}, RunDirectory(tmp_path / "supervised-maml")) == status
