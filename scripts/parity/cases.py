"""What is tried: a model, what goes in, and what it is to learn."""

import dataclasses
import typing

import keras
import numpy as np


@dataclasses.dataclass
class Built:
    """A model that is tried; `targets` are drawn for outputs of any numbers by default."""

    model: keras.Model
    inputs: list
    targets: list | None = None
    random: bool = False
    compiled: bool = False
    evaluates: bool = False
    trains: bool = True
    chaotic: bool = False


@dataclasses.dataclass
class Case:
    """One line of the matrix: a subject with its defaults, or with one option changed."""

    group: str
    subject: str
    option: str
    value: str
    build: typing.Callable[[], Built] | None = None
    note: tuple[str, str] | None = None
    aliases: list[str] = dataclasses.field(default_factory=list)

    def described(self, number):
        kind, reason = self.note or (None, None)
        return dict(
            id=number,
            group=self.group,
            subject=self.subject,
            option=self.option,
            value=self.value,
            aliases=self.aliases,
            note=kind,
            reason=reason,
        )


@dataclasses.dataclass
class Drawn:
    """An input: its shape without the batch, and what numbers it has."""

    shape: tuple[int, ...]
    low: float | None = None
    high: float | None = None
    dtype: str = "float32"

    def draw(self, generator, batch):
        shape = (batch, *self.shape)
        if self.dtype.startswith("int"):
            return generator.integers(self.low, self.high, shape).astype(self.dtype)
        if self.low is not None:
            return generator.uniform(self.low, self.high, shape).astype(self.dtype)
        return generator.normal(size=shape).astype(self.dtype)


def change_weights(model):
    """Every weight other than it was made: a bias of zeros says nothing."""
    generator = np.random.default_rng(11)
    for variable in model.trainable_variables:
        value = np.asarray(variable)
        variable.assign(value + 0.2 * generator.normal(size=value.shape).astype("float32"))
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(0.3 * generator.normal(size=layer.moving_mean.shape))
            layer.moving_variance.assign(generator.uniform(0.5, 1.5, layer.moving_variance.shape))
