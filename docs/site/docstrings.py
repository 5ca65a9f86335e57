"""Shows docstrings as they are meant: what they say of arguments, a line each, as a list.

An extension of Griffe: https://mkdocstrings.github.io/griffe/guide/users/extending/
"""

import re

from griffe import Extension

ARGUMENT = re.compile(r"^([a-z_]\w*(?:, [a-z_]\w*)*): (?=\S)")
WRAPPED = 100  # characters of a line that goes on in the next, at least


class ArgumentsAsList(Extension):
    def on_object(self, *, obj, **kwargs):
        if obj.docstring:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(docstring):
    lines, in_list, before = [], False, ""
    for line in docstring.splitlines():
        whole = line
        argument = ARGUMENT.match(line)
        if argument:
            lines += [""] * (not in_list)
            names = ", ".join(f"`{name.strip()}`" for name in argument[1].split(","))
            line, in_list = f"- {names}: {line[argument.end() :]}", True
        elif in_list and line and (line.startswith("    ") or len(before) > WRAPPED):
            line = f"  {line.strip()}"
        elif in_list:
            lines, in_list = [*lines, ""], False
        lines.append(line)
        before = whole
    return "\n".join(lines)
