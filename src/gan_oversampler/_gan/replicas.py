"""One fit on several devices: each replica takes its share of every batch, and all take the same step.

A step is that of one device on the whole batch, but for rounding and for dropout: gradients are averaged over the
replicas, and batch normalisation sees the statistics of the whole batch.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

import tensorflow as tf

from gan_oversampler._gan import distributed
from gan_oversampler._gan.engine import Engine, Plan, engine_for
from gan_oversampler._trained.state import Weights

_SEED = "seed_generator_state"


def _synchronised(node: Any) -> Any:
    """The same configuration with batch normalisation over all replicas."""
    if isinstance(node, list):
        return [_synchronised(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _synchronised(value) for key, value in node.items()}
    if node.get("class_name") == "BatchNormalization" and str(node.get("module")).startswith("keras"):
        changed["config"]["synchronized"] = True
    return changed


def synchronised(plan: Plan) -> Plan:
    """The same plan with batch normalisation over all replicas."""
    generator, discriminator = (
        json.dumps(_synchronised(json.loads(architecture))) for architecture in (plan.generator, plan.discriminator)
    )
    return replace(plan, generator=generator, discriminator=discriminator)


class ReplicatedEngine(Engine):
    """An engine whose step is shared by the replicas of a strategy; made and used in its scope.

    Variables that no gradient changes are each replica's own, as TensorFlow keeps them where no aggregation is asked
    for: the statistics of batch normalisation and the averaged generator, which are equal everywhere because what
    changes them is, and the states of seed generators, which are set apart so that each replica drops other features.
    """

    def __init__(self, plan: Plan, strategy: Any) -> None:
        self.strategy, self.n_replicas = strategy, int(strategy.num_replicas_in_sync)
        self._share = tf.constant(1 / self.n_replicas)
        super().__init__(synchronised(plan))
        of_networks = [variable for network in self.networks for variable in network.non_trainable_variables]
        self._seeds = [variable for variable in of_networks if variable.name == _SEED]
        self._set_apart = tf.function(lambda: strategy.run(self._set_seeds_apart)).get_concrete_function()

    def reset(self, seed: int) -> None:
        super().reset(seed)
        self._set_apart()

    def restore(self, variables: Weights) -> None:
        super().restore(variables)
        self._set_apart()

    @staticmethod
    def _replica() -> Any:
        return tf.distribute.get_replica_context().replica_id_in_sync_group

    def _set_seeds_apart(self) -> None:
        for variable in self._seeds:
            state = tf.convert_to_tensor(variable.value)
            variable.assign(state + tf.cast([self._replica(), 0], state.dtype))

    def _step(self, *batch: Any) -> Any:
        metrics = self.strategy.reduce("MEAN", self.strategy.run(self._step_of_replica, batch), axis=None)
        self.last_metrics.assign(metrics[None])
        return metrics

    def _step_of_replica(self, *batch: Any) -> Any:
        """The step of one replica, from its rows of the batch that all replicas are given."""
        size = self.plan.batch_size // self.n_replicas
        start = self._replica() * size
        return self._update(*(part[start : start + size] for part in batch))


_replicated_engine_for = lru_cache(maxsize=8)(ReplicatedEngine)


def engine_here(plan: Plan) -> Engine:
    """The engine of a plan under the strategy whose scope is open, compiled once for both; a plain one without."""
    strategy = distributed.current()
    return engine_for(plan) if strategy is None else _replicated_engine_for(plan, strategy)
