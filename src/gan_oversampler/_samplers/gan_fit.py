"""One fit of a GANOverSampler: a network for each class, within one training session."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from gan_oversampler._classes.model import ClassModel, GeneratorSource
from gan_oversampler._classes.no_network import is_too_small, tell_of_repeats, tell_where_as_good, warn_too_small
from gan_oversampler._classes.task import ClassTask, name_of_label
from gan_oversampler._classes.training import (
    STATES,
    TrainingSession,
    Watch,
    report_trouble,
    states_to_go_on_from,
    warn_of_another_scale,
)
from gan_oversampler._deformation.deformations import Deformation
from gan_oversampler._gan import distributed, presets
from gan_oversampler._gan.builders import plan_of
from gan_oversampler._samplers import parallel
from gan_oversampler._samplers.fit import Fit
from gan_oversampler._trained.checkpoint import Checkpoint, identity
from gan_oversampler._trained.time_limit import TimeLimit
from gan_oversampler._utils import seeds
from gan_oversampler.callbacks._hooks import CallbackGroup
from gan_oversampler.callbacks._progress_bar import ProgressBar
from gan_oversampler.callbacks._scikit_learn import SklearnCallbacks


def _shared_parameters(sampler: Any) -> dict[str, Any]:
    """Parameters that must be equal on all workers of a fit."""
    own = ("callbacks", "checkpoint", "random_state", "time_limit", "verbose")
    return {name: value for name, value in sampler.get_params(deep=False).items() if name not in own}


@dataclass(eq=False, kw_only=True)
class GANFit(Fit):
    """One fit in which networks are trained.

    Attributes
    ----------
    session : TrainingSession
    earlier_models : dict
        Class -> the model of an earlier fit that a warm start goes on from.
    threads : WorkerThreads or None
        In a worker.
    """

    session: TrainingSession
    earlier_models: dict[Any, ClassModel]
    threads: parallel.WorkerThreads | None = None

    @classmethod
    @contextmanager
    def begin(
        cls, sampler: Any, rows: np.ndarray, labels: np.ndarray, wanted: tuple[Any, ...], earlier: dict[str, Any]
    ) -> Iterator[Self]:
        states = states_to_go_on_from(earlier, rows, labels) if sampler.warm_start else {}
        random_state = earlier["seed_"] if states else sampler.random_state
        distributed.meet()  # by then the chief has removed the file of an earlier fit
        is_chief, given = distributed.is_chief(), sampler.get_params(deep=False)
        checkpoint = Checkpoint.of_fit(sampler.checkpoint, rows, labels, given, states, random_state, is_chief)
        time_limit = TimeLimit(math.inf if sampler.time_limit is None else sampler.time_limit)
        shown = [ProgressBar(int(sampler.verbose) * is_chief), SklearnCallbacks(sampler)]
        hooks = CallbackGroup([*shown, *distributed.of_this_one(sampler.callbacks or ()), Watch()])
        session = TrainingSession(hooks, time_limit, checkpoint, states)
        in_workers = parallel.n_workers(sampler.n_jobs, wanted) > 1
        around = nullcontext() if in_workers else session.around(wanted)
        # The file goes last: what fails before, the end of a callback too, must not cost the training.
        with checkpoint.until_done() if checkpoint else nullcontext(), around:
            seed = distributed.seed_of_all(
                seeds.root_seed(random_state) if checkpoint is None else checkpoint.seed,
                lambda: (identity(rows, labels, _shared_parameters(sampler)), checkpoint and checkpoint.stopped_at),
            )
            extras = {"n_replicas_": distributed.n_replicas()}
            earlier_models = earlier.get("models_", {})
            threads = parallel.WorkerThreads.of_here() if in_workers else None
            if in_workers and checkpoint:
                checkpoint.write_for_parts()
            yield cls(
                sampler=sampler,
                seed=seed,
                extras=extras,
                session=session,
                earlier_models=earlier_models,
                threads=threads,
            )

    def learn_model(self, task: ClassTask) -> ClassModel:
        history = self.extras.setdefault("history_", {})
        preset = presets.choose(self.sampler.preset, task.is_image)
        deformation = task.resolve_deformation(preset.deformation_for(self.sampler.deformation))
        share = self._share(task, preset, deformation)
        if share == 1:
            history[task.label] = {}
            return self._told(task, task.real_rows(deformation))
        source, history[task.label] = self._train(task, preset, deformation if task.is_image else None, share)
        label_filter = task.label_filter(deformation) if self.sampler.label_filter else None
        drawn_with = deformation if isinstance(deformation, Deformation) else None
        real = task.made_of_real(deformation) if share else None
        originals = task.own if share and not task.is_image else None
        return self._told(task, ClassModel(task.codec, source, drawn_with, label_filter, real, share, originals))

    def _share(self, task: ClassTask, preset: presets.Preset, deformation: Any) -> float:
        """The share of rows made of real ones, for this class; at 1 no network is trained."""
        given = self.sampler.deformed_share
        # Who asks for affine deformation has not had it asked whether images deform into one another.
        asks = preset.deformation_for(self.sampler.deformation) == "auto"
        default = preset.share(asks and task.is_like_photographs(deformation))
        share = task.resolve_deformed_share(given, default, deformation)
        if share < 1 and is_too_small(task):
            warn_too_small(task, deformation)
            return 1.0
        has_own_network = self.sampler.generator is not None or self.sampler.discriminator is not None
        if given is None and task.is_wide and not has_own_network:
            return 1.0
        if given is None and share and self.sampler.verbose:
            tell_where_as_good(task, deformation)
        return share

    def _train(
        self, task: ClassTask, preset: presets.Preset, deformation: Any, share: float
    ) -> tuple[GeneratorSource, dict[str, np.ndarray]]:
        if self.threads:
            self.threads.limit()
        plan = plan_of(preset, task.codec.tensor_shape, deformation, self.sampler.get_params(deep=False))
        if self.sampler.verbose:
            tell_of_repeats(task, plan.batch_size)
        if task.label in self.session.earlier:
            warn_of_another_scale(task, self.earlier_models[task.label].codec)
        max_iter = self.sampler.max_iter or preset.steps(share)
        outcome = self.session.train(plan, task.data, deformation, label=task.label, seed=task.seed, max_iter=max_iter)
        report_trouble(outcome, task.name, max_iter, self.sampler.on_divergence)
        if self.sampler.warm_start:
            self.extras.setdefault(STATES, {})[task.label] = outcome.state
        source = GeneratorSource(plan.generator, outcome.state.weights, plan.latent_dim, plan.latent)
        return source, outcome.history

    # -- what is told ----------------------------------------------------------------------------------

    def _told(self, task: ClassTask, model: ClassModel) -> ClassModel:
        """The model, after its shares are printed where `verbose` asks for that."""
        self._tell_shares(task.label, model)
        return model

    def _tell_shares(self, label: Any, model: ClassModel) -> None:
        if self.sampler.verbose:
            made = ", ".join(f"{share:.0%} {way}" for way, share in model.shares.items())
            print(f"class {name_of_label(label)}: new rows are {made}.", flush=True)

    # -- workers ---------------------------------------------------------------------------------------

    def part(self, label: Any, n_rounds: int) -> Self:
        worker = super().part(label, n_rounds)
        worker.sampler.set_params(checkpoint=None, verbose=0)
        earlier = {label: self.earlier_models[label]} if label in self.earlier_models else {}
        return replace(worker, session=self.session.part(label, n_rounds), earlier_models=earlier)

    def around(self, label: Any) -> AbstractContextManager[Any]:
        return self.session.around((label,))

    def shown(self, finished: Iterable[parallel.Finished], n_classes: int) -> Iterable[parallel.Finished]:
        from rich.progress import track

        bar = track(finished, "classes", total=n_classes, disable=not self.sampler.verbose)
        for done in bar:
            self._tell_shares(done.label, done.learned[0])
            yield done
