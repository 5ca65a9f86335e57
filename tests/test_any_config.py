"""Any combination of option values resolves, or is a ValueError that names an option."""

import dataclasses
import re
import types
import typing

import pytest
from hypothesis import given, settings, strategies as st

from latentshot.glico.experiment import defaults as glico
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.description import options_text
from latentshot.lasium.experiment import defaults as lasium
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.generator_config import GeneratorConfig

NUMBERS = (-1, 0, 1, 2, 5, 64, 5000, 10**9)
FRACTIONS = (float("nan"), float("-inf"), float("inf"), -0.5, 0.0, 0.2, 1.0, 3.0)
WORDS = {
    "dataset": ("glyphs", "digits", "cifar10", "tfds:mnist", "tfds:", "folder:", "folder:nowhere", "none", ""),
    "generator": ("vae", "msgan", "acai", "bigan", "progan", "bigbigan:there", "hub:there", "hub:", "there.keras", ""),
    "compare": ("baseline", "glico", "cutout+glico", "glico+cutout", "mixmatch", "dcgan", "glico+glico", "none", ""),
    "taps": ("block1_conv2", "block9_conv9"),
}


def values(name, kind):
    """A strategy for the field's values, those of its type and some that are out of range."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return values(name, parts[0])
    if origin is typing.Literal:
        return st.sampled_from(parts)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(st.none() if part is type(None) else values(name, part) for part in parts))
    if origin is tuple:
        return st.lists(values(name, parts[0]), max_size=3).map(tuple)
    if kind is str:
        return st.sampled_from(WORDS.get(name, ("", "a", "resnet50")))
    plain = {bool: (True, False), int: NUMBERS, float: FRACTIONS}
    return st.sampled_from(plain[kind]) if kind in plain else st.none()  # of paths none


def some_options(config):
    """Few at a time: of many one is always wrong."""
    hints = typing.get_type_hints(config, include_extras=True)
    names = st.lists(st.sampled_from([field.name for field in dataclasses.fields(config)]), max_size=5, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: values(name, hints[name]) for name in chosen}))


def problem(resolved, config, options):
    """The message of the ValueError, if there is one; the config is checked otherwise."""
    try:
        done = resolved(config(**options))
    except ValueError as error:
        return str(error)
    assert done.run_dir
    assert resolved(done) == done
    for method in done.compare if isinstance(done, GlicoConfig) else ():
        assert options_text(done, method)  # whatever is changed can be said
    return None


@pytest.mark.parametrize(
    ("config", "resolved"),
    [(MetaConfig, lasium.resolved), (GeneratorConfig, lasium.resolved), (GlicoConfig, glico.resolved)],
    ids=lambda value: getattr(value, "__name__", ""),
)
@settings(max_examples=150)
@given(data=st.data())
def test_any_combination_of_options_resolves_or_is_an_error_that_names_one(config, resolved, data):
    options = data.draw(some_options(config))
    message = problem(resolved, config, options)
    names = [*(field.name for field in dataclasses.fields(config)), "folder"]
    assert message is None or any(re.search(rf"\b{name}\b", message.replace("-", "_")) for name in names), options
