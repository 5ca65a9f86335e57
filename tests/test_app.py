"""The page of bin/app.py in a real browser: drawn letters, dropped photographs, GLICO's images; nothing is sent out."""

import os
import re
import shutil
import signal
import subprocess
import sys
import warnings
from contextlib import ExitStack
from urllib.parse import urlparse

import numpy as np
import pytest
from made_exports import export_blurred_pixels, export_glico
from made_images import save_images
from PIL import Image
from real_commands import ROOT

import latentshot as ls
from latentshot.app import launch
from latentshot.app.answers import as_html, few_shot_answers
from latentshot.benchmarks.mouse_letters import draw
from latentshot.bin import app
from latentshot.training.files import write_json

LETTERS = "ΘΨשλΣ"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# the command, printing each connection that it opens itself
AUDITED = """
import runpy, sys
place = {"socket.connect": 1, "socket.getaddrinfo": 0}  # of the address among what an event says
sys.addaudithook(lambda event, given: event in place and print(event, given[place[event]], flush=True))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    export_blurred_pixels(folder / "letters", (28, 28, 1), 4, least_cosine=0.7)
    export_blurred_pixels(folder / "photographs", (16, 16, 3), 4, least_cosine=-1.0)
    samples = folder / "run" / "export" / "2-per-class"
    export_glico(samples / "glico", (16, 16, 1))
    shutil.copytree(samples / "glico", samples / "baseline")
    write_json(samples / "classes.json", ["one", "<two>", "three"])
    write_json(folder / "run" / "config.json", {"config": {"dataset": "digits"}, "data": {}, "versions": {}})
    return folder


def test_of_a_run_with_several_classifiers_or_its_export_the_one_that_makes_images_is_shown(exports):
    for path in (exports / "run", exports / "run" / "export"):
        assert launch._chosen(path) == exports / "run" / "export" / "2-per-class" / "glico"


def test_a_folder_of_several_runs_is_none_of_them(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "export").mkdir(parents=True)
        (tmp_path / name / "export" / "saved_model.pb").touch()
    assert launch._chosen(tmp_path) == tmp_path


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: the extra `dev` has it")
    pytest.importorskip("gradio", reason="gradio is not installed: the extra `app` has it")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium and no Chrome here to open the page in")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])  # for root
        yield opened
        opened.close()


@pytest.fixture
def visit(browser):
    """Opens a page. In the end no request of it may have left this machine, and no script may have failed."""
    requested, failed = [], []
    with ExitStack() as stack:

        def visit(address):
            page = browser.new_page(viewport={"width": 1000, "height": 900})
            stack.callback(page.close)
            page.on("request", lambda request: requested.append(urlparse(request.url)))
            page.on("pageerror", lambda error: failed.append(error))
            page.set_default_timeout(60_000)
            page.goto(address)
            return page

        yield visit
    assert len(requested) > 10
    assert [url for url in requested if url.scheme not in ("data", "blob") and url.hostname != "127.0.0.1"] == []
    assert failed == []


@pytest.fixture
def served(browser):
    """Serves the page of an export from this process, which saves the import of TensorFlow."""
    from latentshot.app.launch import served

    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Gradio's dependencies
        yield lambda path: stack.enter_context(served(path))


def draw_by_mouse(page, sheet, letter, seed):
    canvas = page.locator(f"{sheet} canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for stroke in draw(letter, seed):
        points = [(box["x"] + x / 1000 * box["width"], box["y"] + y / 1000 * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()


@pytest.fixture
def command(exports):
    """The real command on letters, and what it says."""
    arguments = [ROOT / "bin" / "app.py", exports / "letters", "--no-browser"]
    whole = [sys.executable, "-c", AUDITED, *arguments]
    process = subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_a_letter_drawn_again_is_told_by_the_real_command_which_opens_no_connection(command, visit):
    said, address = [], None
    while address is None:
        said.append(command.stdout.readline())
        assert said[-1], "".join(said)
        address = re.search(r"the page is at (\S+)", said[-1])
    page = visit(address[1])
    for number, letter in enumerate(LETTERS, start=1):
        draw_by_mouse(page, f"#example-{number}", letter, seed=1)
    draw_by_mouse(page, "#query", "λ", seed=2)
    page.get_by_text("This is 4.").wait_for()
    assert page.locator("#answer li").count() == 5
    page.locator("#query button").click()
    page.get_by_text("the answer appears here").wait_for()
    draw_by_mouse(page, "#query", "T", seed=0)
    page.get_by_text("None of these.").wait_for()
    command.send_signal(signal.SIGINT)
    said += command.communicate(timeout=60)[0].splitlines()
    assert command.returncode == 128 + signal.SIGINT
    connections = [line for line in said if line.startswith("socket.")]
    assert connections
    assert [line for line in connections if "127.0.0.1" not in line] == []


def test_photographs_are_told_apart_and_a_damaged_file_gets_a_sentence(exports, served, visit, tmp_path):
    page = visit(served(exports / "photographs"))
    names = ("<b>red</b>", "blue")
    for number, (name, colour) in enumerate(zip(names, ((200, 30, 30), (30, 30, 200)), strict=True), start=1):
        for i in range(3):
            noise = np.random.default_rng([number, i]).integers(0, 40, (20, 24, 3))
            Image.fromarray((noise + colour).astype(np.uint8)).save(tmp_path / f"{number}-{i}.png")
        page.locator(f"#class-{number} input[type=text], #class-{number} textarea").first.fill(name)
        page.locator(f"#class-{number} input[type=file]").set_input_files(
            [tmp_path / f"{number}-{i}.png" for i in (0, 1)]
        )
        page.locator(f"#class-{number} img").nth(1).wait_for()
    (tmp_path / "damaged.png").write_bytes((tmp_path / "1-2.png").read_bytes()[:200])
    page.locator("#query input[type=file]").set_input_files([tmp_path / "1-2.png", tmp_path / "damaged.png"])
    page.get_by_text("damaged.png cannot be read as an image: it is damaged").wait_for()
    page.get_by_text("This is <b>red</b>.").wait_for()
    assert page.locator("#answer .near img").count() == 4
    page.get_by_text("Another class").click()
    page.locator("#class-4").wait_for()


def test_glico_makes_images_between_two_and_tells_the_class_of_one_that_is_dropped(exports, served, visit, tmp_path):
    page = visit(served(exports / "run"))
    page.locator("#made img").wait_for()
    assert page.locator("#steps img").count() == 7
    before = page.locator("#made img").get_attribute("src")
    page.locator("#share input[type=range]").fill("0.9")
    page.wait_for_function("old => document.querySelector('#made img').src != old", arg=before)
    save_images(tmp_path, 1, size=(30, 30))
    page.locator("#query input[type=file]").set_input_files([tmp_path / "0.jpg"])
    page.locator("#answer li").nth(2).wait_for()
    assert set(page.locator("#answer .name").all_inner_texts()) == {"one", "<two>", "three"}


def test_an_answer_has_the_nearest_examples_and_says_what_is_none(exports):
    learner = ls.load_learner(exports / "letters")
    left, right, low = (np.zeros((28, 28, 1), np.uint8) for _ in range(3))
    left[:, :14], right[:, 14:], low[20:] = 255, 255, 255
    answers = few_shot_answers(learner, {"<l>": [left, left // 2], "r": [right]}, [left, right, low])
    assert [answer.label for answer in answers] == ["<l>", "r", None]
    assert [name for name, _ in answers[1].nearest] == ["r", "<l>", "<l>"]
    assert sum(probability for _, probability, _ in answers[0].classes) == pytest.approx(1, abs=1e-5)
    page = as_html(answers, inverted=True, refused=["<script>"])
    assert "<script>" not in page
    assert "<l>" not in page
    assert "None of these." in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere is no exported learner"),
        (["letters", "--port", "99999"], "port is 99999; it must lie between 1 and 65535"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_line(exports, here, arguments, message):
    pytest.importorskip("gradio", reason="gradio is not installed: the extra `app` has it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert message in here(exports / arguments[0], *arguments[1:], "--no-browser", main=app.main)
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
