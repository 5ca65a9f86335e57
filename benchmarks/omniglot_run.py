"""From nothing to LASIUM's figure on Omniglot, as numbers: what every candidate does."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .encoding_problem import EncodingProblem
from .maml_problem import EvaluationProblem, MamlProblem
from .stream_problem import StreamProblem
from .vae_problem import VaeProblem

REST = "the rest"


@dataclass(frozen=True)
class OmniglotRun:
    """A VAE of the dataset's images, meta-training of MAML on tasks that it makes, and evaluation on real ones.

    The defaults are the command's.
    """

    dataset: str = "omniglot"
    n_images: int = 24_000
    epochs: int = 15
    iterations: int = 1000
    n_tasks: int = 1000
    k_shots: tuple[int, ...] = (1, 5)

    @property
    def vae(self) -> VaeProblem:
        return VaeProblem()

    @property
    def vae_steps(self) -> int:
        return self.epochs * (self.n_images // self.vae.batch_size)

    @property
    def maml(self) -> MamlProblem:
        return MamlProblem()

    @property
    def stream(self) -> StreamProblem:
        """The work of making one batch of tasks."""
        return StreamProblem(batches=1)

    def evaluation(self, k_shot: int) -> EvaluationProblem:
        """The work of one test task."""
        return EvaluationProblem(k_shot=k_shot, tasks=1)

    def flops(self) -> dict[str, float]:
        """Of the convolutions of each phase, a multiply-add being two. What is left is encoding, and little else."""
        phases = {
            "the VAE": self.vae_steps * self.vae.flops(),
            "meta-training": self.iterations * (self.maml.flops() + self.stream.flops()),
        }
        for k_shot in self.k_shots:
            phases[f"{k_shot}-shot evaluation"] = self.n_tasks * self.evaluation(k_shot).flops()
        return phases | {REST: replace(EncodingProblem(), n_images=self.n_images).flops()}
