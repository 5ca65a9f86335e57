"""A report as a browser reads it: what it consists of, and that nothing of it lies elsewhere."""

import base64
import io
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes

from PIL import Image

VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """headings, text, charts and images of a file. AssertionError where one does not decode or lies elsewhere."""

    def __init__(self, path):
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []  # tags
        self.texts: list[str] = []
        self.headings: list[str] = []
        self.images: list[tuple[int, int]] = []  # their sizes
        self.charts = 0
        source = path.read_text(encoding="utf-8")
        assert len(source.encode()) < 3_000_000
        assert "url(http" not in source
        assert "@import" not in source
        self.feed(source)
        self.close()
        assert self.open == []
        assert len(set(self.ids)) == len(self.ids)
        for link in self.links:
            if link.startswith("#"):
                assert link[1:] in self.ids, link
            else:
                assert link.startswith("data:"), f"{link[:80]} lies outside of the file"

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given[name] for name in ("href", "src", "xlink:href", "action", "srcset") if given.get(name)]
        self.charts += tag == "svg"
        if tag == "img":
            head, _, data = given["src"].partition(",")
            image = Image.open(io.BytesIO(base64.b64decode(data) if "base64" in head else unquote_to_bytes(data)))
            image.load()
            self.images.append(image.size)
            assert "alt" in given
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)
            self.headings += [data.strip()] if self.open[-1] in ("h1", "h2", "h3") else []
