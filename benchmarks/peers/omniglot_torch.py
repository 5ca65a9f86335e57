"""PyTorch: from Omniglot's images to LASIUM's figure, by a VAE, random out-of-class tasks and second-order MAML.

    python -m latentshot.benchmarks.peers.omniglot_torch PROBLEM IMAGES RESULT

PROBLEM: a pickled `OmniglotRun`. IMAGES: an .npz file of `unlabelled` and `test`, uint8 (n, 28, 28, 1), and the
latter's `labels`. RESULT: the file that is written, JSON of the seconds of each phase and the accuracy by shots.
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from ...training.cpu_kernels import n_threads
from ..maml_problem import META_LR
from ..omniglot_run import OmniglotRun
from ..stream_problem import ALPHA
from ..vae_problem import LEARNING_RATE
from .evaluation_torch_loop import adapted
from .maml_torch_loop import meta_loss
from .torch_conv4 import logits, parameters
from .torch_stream import TorchStream
from .torch_vae import TorchVae
from .vae_torch import loss_of as vae_loss


def main() -> None:
    problem_file, images_file, result_file = map(Path, sys.argv[1:])
    problem: OmniglotRun = pickle.loads(problem_file.read_bytes())
    torch.set_num_threads(n_threads())
    torch.manual_seed(0)
    with np.load(images_file) as stored:
        unlabelled, test = (torch.tensor(stored[name].transpose(0, 3, 1, 2)) for name in ("unlabelled", "test"))
        labels = torch.tensor(stored["labels"])
    times: dict[str, float] = {}
    started = time.perf_counter()
    vae = train_vae(problem, unlabelled)
    times["the VAE"] = time.perf_counter() - started
    stream = TorchStream(vae, unlabelled, ALPHA, problem.maml.tasks, 5, 1, 5, problem.stream.shift)
    started = time.perf_counter()
    weights = meta_train(problem, stream)
    times["meta-training"] = time.perf_counter() - started
    accuracy = {}
    for k_shot in problem.k_shots:
        started = time.perf_counter()
        accuracy[f"{k_shot}-shot"] = evaluate(problem, k_shot, weights, test, labels)
        times[f"{k_shot}-shot evaluation"] = time.perf_counter() - started
    result_file.write_text(json.dumps({"times": times, "accuracy": accuracy}), encoding="utf-8")


def train_vae(problem: OmniglotRun, images: torch.Tensor) -> TorchVae:
    vae = TorchVae().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    update = torch.optim.Adam(vae.parameters(), LEARNING_RATE)
    for _ in tqdm(range(problem.epochs), "training the VAE"):
        batches = torch.randperm(len(images)).split(problem.vae.batch_size)
        for batch in batches[: len(images) // problem.vae.batch_size]:
            loss = vae_loss(vae, (images[batch] / 255.0).contiguous(memory_format=torch.channels_last))
            update.zero_grad()
            loss.backward()
            update.step()
    return vae.eval()


def meta_train(problem: OmniglotRun, stream: TorchStream) -> list[torch.Tensor]:
    """The weights of conv4 after meta-training on the stream's tasks."""
    maml = problem.maml
    weights = [weight.requires_grad_() for weight in parameters(maml)]
    update = torch.optim.Adam(weights, META_LR)
    support_labels, query_labels = (
        torch.arange(maml.n_way).repeat_interleave(n).expand(maml.tasks, -1) for n in (maml.k_shot, maml.n_query)
    )
    for _ in tqdm(range(problem.iterations), "meta-training"):
        support, queries = (part.flatten(1, 2).clone() for part in stream.batch())  # (tasks, n_way s, 1, 28, 28)
        tasks = {"support_images": support, "query_images": queries}
        tasks |= {"support_labels": support_labels, "query_labels": query_labels}
        loss = meta_loss(maml, weights, tasks)
        update.zero_grad()
        loss.backward()
        update.step()
    return [weight.detach() for weight in weights]


def evaluate(
    problem: OmniglotRun, k_shot: int, weights: list[torch.Tensor], images: torch.Tensor, labels: torch.Tensor
) -> float:
    """Accuracy in percent over tasks of characters that were never seen."""
    task = problem.evaluation(k_shot)
    of_class = [torch.nonzero(labels == label)[:, 0] for label in labels.unique()]
    support_labels, query_labels = (torch.arange(task.n_way).repeat_interleave(n) for n in (k_shot, task.n_query))
    accuracies = []
    for _ in tqdm(range(problem.n_tasks), f"{k_shot}-shot evaluation"):
        classes = [of_class[number] for number in torch.randperm(len(of_class))[: task.n_way]]
        drawn = torch.stack([members[torch.randperm(len(members))[: k_shot + task.n_query]] for members in classes])
        support, queries = (images[part.flatten()] / 255.0 for part in (drawn[:, :k_shot], drawn[:, k_shot:]))
        fast = adapted(task, weights, support, support_labels)
        with torch.no_grad():
            right = logits(task, fast, queries).argmax(dim=1) == query_labels
        accuracies.append(100 * right.float().mean().item())
    return float(np.mean(accuracies))


if __name__ == "__main__":
    main()
