"""What a calibration is asked to do, checked before any work."""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.responses import MissingRule
from evenhand.programme.scale import ErrorsKind, MethodName, ModelName


@dataclass(frozen=True, slots=True)
class Options:
    """What a calibration is asked to do.

    Attributes:
        model: `rasch` or `2pl`.
        method: `cml` (conditional) or `mml` (marginal maximum likelihood).
        missing: `keep` what each person answered, or `drop` incomplete people.
        errors: `robust`, `model`, or `fao` (with cml).
        latent_sd: with `mml` and `rasch`, the latent SD when it is not to be estimated.
    """

    model: ModelName = "rasch"
    method: MethodName = "mml"
    missing: MissingRule = "keep"
    errors: ErrorsKind = "robust"
    latent_sd: float | None = None

    def __post_init__(self) -> None:
        """Refuse combinations that have no meaning.

        Raises:
            OptionError: with the mend.
        """
        _one_of("--model", self.model, ("rasch", "2pl"))
        _one_of("--method", self.method, ("cml", "mml"))
        _one_of("--missing", self.missing, ("keep", "drop"))
        _one_of("--errors", self.errors, ("robust", "model", "fao"))
        if self.method == "cml" and self.model != "rasch":
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
        if self.latent_sd is not None and (self.method, self.model) != ("mml", "rasch"):
            raise OptionError(
                "options.latent-sd",
                "The latent SD can be fixed only with --model rasch --method mml.",
                mend="Leave it out.",
            )
        if self.latent_sd is not None and not 0 < self.latent_sd < np.inf:
            raise OptionError(
                "options.latent-sd",
                f"The latent SD cannot be {self.latent_sd}.",
                mend="Give a number above 0.",
            )


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise OptionError(
            "options.unknown-value",
            f"{option} cannot be {value!r}.",
            where=option,
            why=f"It is one of: {', '.join(allowed)}.",
            mend=f"Use {option} {allowed[0]}.",
        )
