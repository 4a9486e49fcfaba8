"""Calls in processes of their own, forked from one that has imported TensorFlow once and let none of it run.

An import of TensorFlow costs seconds in each process that starts from nothing."""

import multiprocessing
import sys
import traceback
import warnings

_PRELOADED = ["sklearn.datasets", "tensorflow", "keras", "gan_oversampler", "gan_oversampler._gan.engine"]
_CONTEXT = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
_CONTEXT.set_forkserver_preload(_PRELOADED)


def _answer(connection, function, arguments):
    warnings.simplefilter("ignore")
    try:
        answer = True, function(*arguments)
    except Exception:
        answer = False, traceback.format_exc()
    connection.send(answer)


class Call:
    """A function of a module that runs in a process of its own."""

    def __init__(self, function, *arguments):
        self._connection, there = _CONTEXT.Pipe(duplex=False)
        self.process = _CONTEXT.Process(target=_answer, args=(there, function, arguments))
        self.process.start()
        there.close()  # only the other process holds it now, and its end is seen here

    def result(self, seconds=500):
        """What the function returned."""
        assert self._connection.poll(seconds), f"no answer in {seconds} s"
        is_fine, value = self._connection.recv()
        self.process.join()
        assert is_fine, value
        return value

    def kill(self):
        self.process.kill()
        self.process.join()
