"""What a calibration is asked to do, checked before any work."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.responses import MissingRule
from evenhand.programme.scale import ErrorsKind, MethodName, ModelName

MODELS: tuple[ModelName, ...] = ("rasch", "2pl", "pcm", "gpcm", "grm")
SLOPE_ONE: tuple[ModelName, ...] = ("rasch", "pcm")


@dataclass(frozen=True, slots=True)
class Options:
    """What a calibration is asked to do.

    Attributes:
        model: `rasch`, `2pl`, `pcm`, `gpcm` or `grm`, of every item that `models` does not name. `rasch` and `pcm`
            are one model for items of two categories, as are `2pl`, `gpcm` and `grm`.
        models: models of single items, by name.
        method: `cml` (conditional) or `mml` (marginal maximum likelihood).
        missing: `keep` what each person answered, or `drop` incomplete people.
        errors: `robust`, `model`, or `fao` (with cml).
        latent_sd: with `mml` and `rasch`, the latent SD when it is not to be estimated.
    """

    model: ModelName = "rasch"
    models: Mapping[str, ModelName] = field(default_factory=dict)
    method: MethodName = "mml"
    missing: MissingRule = "keep"
    errors: ErrorsKind = "robust"
    latent_sd: float | None = None

    def __post_init__(self) -> None:
        """Refuse combinations that have no meaning.

        Raises:
            OptionError: with the mend.
        """
        _one_of("--model", self.model, MODELS)
        for name, model in self.models.items():
            _one_of(f"--item-model {name}", model, MODELS)
        _one_of("--method", self.method, ("cml", "mml"))
        _one_of("--missing", self.missing, ("keep", "drop"))
        _one_of("--errors", self.errors, ("robust", "model", "fao"))
        if self.method == "cml" and not self.all_rasch:
            raise OptionError(
                "options.cml-needs-rasch",
                f"Conditional likelihood cannot fit the model {self.model}.",
                why="Only in Rasch models does the raw score hold all that the answers say about theta.",
                mend="Use --method mml, or --model rasch.",
            )
        if self.errors == "fao" and self.method != "cml":
            raise OptionError(
                "options.fao-needs-cml",
                "The FAO's standard errors belong to conditional likelihood.",
                why="They are one over the root of the conditional information's diagonal.",
                mend="Use --method cml, or --errors robust.",
            )
        if self.latent_sd is not None and not (self.method == "mml" and self.all_rasch):
            raise OptionError(
                "options.latent-sd",
                "The latent SD can be fixed only with Rasch or partial credit items and --method mml.",
                mend="Leave it out.",
            )
        if self.latent_sd is not None and not 0 < self.latent_sd < np.inf:
            raise OptionError(
                "options.latent-sd",
                f"The latent SD cannot be {self.latent_sd}.",
                mend="Give a number above 0.",
            )

    @property
    def all_rasch(self) -> bool:
        """Whether every item has the slope 1 (or -1)."""
        return all(model in SLOPE_ONE for model in (self.model, *self.models.values()))

    def of_items(self, names: Collection[str]) -> "Options":
        """The same for some of the items: models of others are left out."""
        return replace(self, models={name: model for name, model in self.models.items() if name in names})

    def model_of(self, name: str) -> ModelName:
        """The model of an item."""
        return self.models.get(name, self.model)


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise OptionError(
            "options.unknown-value",
            f"{option} cannot be {value!r}.",
            where=option,
            why=f"It is one of: {', '.join(allowed)}.",
            mend=f"Use {option} {allowed[0]}.",
        )
