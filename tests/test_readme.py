"""The README's snippets run as printed, with fewer steps."""

import re
from pathlib import Path

import pytest
from made_images import save_images
from real_commands import call

from latentshot.bin import predict, train_glico, train_meta

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
FEW_STEPS = [
    *("--iterations", "2", "--checkpoint-every", "2", "--n-tasks", "2", "--val-tasks", "0", "--k-shot", "1"),
    *("--filters", "4", "--n-query", "2", "--any-generator", "--calibration-tasks", "4"),
]
SHORTER = {
    "train_meta.py --dataset omniglot": [*FEW_STEPS, "--n-unlabelled", "200", "--generator-epochs", "1"],
    "train_meta.py --dataset folder": [*FEW_STEPS, "--train-n-way", "8", "--n-way", "3", "--image-size", "32"],
    "train_glico.py": [
        *("--seeds", "1", "--classifier", "weak-cnn", "--budget", "0.0002"),
        *("--perceptual", "laplacian", "--image-size", "16"),
    ],
    "predict.py": [],
}


def snippets(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands():
    return [
        line.removeprefix("bin/") for block in snippets("") for line in block.splitlines() if line.startswith("bin/")
    ]


def run(line, extra):
    name, *arguments = line.split()
    main = {"train_meta.py": train_meta, "train_glico.py": train_glico, "predict.py": predict}[name].main
    call(main, [*arguments, *extra])


def test_every_command_has_options_that_it_knows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_images(Path("PATH", "a class"), 1)
    begun = []
    for place in ("lasium.experiment.run.run", "glico.experiment.run.run"):
        monkeypatch.setattr(f"latentshot.{place}", lambda config: begun.append(config.dataset))
    monkeypatch.setattr("latentshot.lasium.experiment.predict.predict_folder", lambda **_: begun.append("predictions"))
    for line in commands():
        run(line, [])
    assert begun == ["omniglot", "folder:PATH", "predictions", "folder:PATH"]


@pytest.mark.slow
def test_the_python_snippet_runs_with_few_steps(tmp_path, monkeypatch, capsys):
    (snippet,) = snippets("python")
    assert snippet.count("steps = 800") == 1
    monkeypatch.chdir(tmp_path)
    exec(compile(snippet.replace("steps = 800", "steps = 8"), "README.md", "exec"), {})
    assert "'accuracy'" in capsys.readouterr().out
    assert (tmp_path / "vae.keras").exists()


@pytest.mark.slow
def test_the_commands_on_ones_own_images_run_with_few_steps(tmp_path, monkeypatch, capsys):
    for number, name in enumerate(("blue", "green", "red")):
        save_images(tmp_path / "photographs" / name, 12, size=(40, 32), seed=number)
        save_images(tmp_path / "others" / name, 2, size=(40, 32), seed=number)
    monkeypatch.chdir(tmp_path)
    assert {line.split(" --")[0].split()[0] for line in commands()} == {name.split()[0] for name in SHORTER}
    for line in commands():
        (shorter,) = (options for name, options in SHORTER.items() if line.startswith(name))
        if "omniglot" not in line:
            own = re.sub(r"\bPATH\b|\bFOLDER_OF_CLASS_FOLDERS\b", "photographs", line).replace("FOLDER", "others")
            run(own, shorter)
    said = capsys.readouterr().out
    assert "Nearest mean of standardized pixels" in said
    assert "right: " in said
    assert Path("predictions/confusion.csv").exists()


@pytest.mark.slow
def test_the_papers_experiment_runs_with_few_steps(tmp_path, monkeypatch, prepared_tfds, capsys):
    (line,) = (line for line in commands() if "omniglot" in line)
    monkeypatch.chdir(tmp_path)
    run(line, [*SHORTER["train_meta.py --dataset omniglot"], "--data-dir", prepared_tfds])
    assert "LASIUM-RO-VAE-MAML" in capsys.readouterr().out
