"""Many texts on many cores, or on many machines, through joblib. What is said of a text depends on neither."""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from derive.errors import DeriveError
from derive.grade.process import ask
from derive.grade.worker import Answer, Terms

BACKENDS = {"loky": "", "dask": "dask[distributed]", "ray": "ray"}
"""By name, with what has to be installed for it."""
QUIET = "ignore:resource_tracker:UserWarning"
"""What loky says when it is interrupted is for nobody."""
MOST_TOGETHER = 25
"""Texts that one process judges before a new one begins, which takes half a second."""

Progress = Callable[[int, int], None]
"""Is told how many texts have been judged, of how many."""


def answers(
    paths: Sequence[str],
    terms: Terms,
    *,
    jobs: int | None = None,
    backend: str = "loky",
    progress: Progress | None = None,
) -> list[Answer]:
    """What is said of each text, in their order. `jobs`: how many at a time, all cores if it is None.

    Error: DeriveError where the backend is not installed.
    """
    from joblib import Parallel, cpu_count, delayed

    jobs = jobs or cpu_count()
    batches = list(_batches(paths, jobs))
    found: list[Answer] = []
    with _running(backend, min(jobs, len(batches)) or 1):
        gradually = "list" if backend == "ray" else "generator"  # ray gives all results at the end
        for batch in Parallel(return_as=gradually)(delayed(ask)(batch, terms) for batch in batches):
            found += batch
            if progress is not None:
                progress(len(found), len(paths))
    return found


def _batches(paths: Sequence[str], jobs: int) -> Iterator[Sequence[str]]:
    """Parts of about one size, at least two for each job, so that the last one keeps nobody waiting for long."""
    size = max(1, min(MOST_TOGETHER, math.ceil(len(paths) / (2 * jobs))))
    for start in range(0, len(paths), size):
        yield paths[start : start + size]


@contextmanager
def _running(backend: str, jobs: int) -> Iterator[None]:
    """joblib with a backend, which is imported only here."""
    from joblib import parallel_config

    package = BACKENDS[backend]
    module = {"dask": "distributed"}.get(backend, backend)
    if package and importlib.util.find_spec(module) is None:
        raise DeriveError(f"{backend} is not installed", hint=f"pip install '{package}', or --backend loky")
    with (
        _environment(PYTHONSAFEPATH="1", PYTHONWARNINGS=QUIET),
        _cluster(backend, jobs),
        parallel_config(backend=backend, n_jobs=jobs),
    ):
        yield


@contextmanager
def _cluster(backend: str, jobs: int) -> Iterator[None]:
    """What a backend needs around it: for dask the cluster at DASK_SCHEDULER_ADDRESS, or one of this machine's own."""
    if backend == "dask":
        import dask
        from distributed import Client

        address = dask.config.get("scheduler-address", None)
        own = {"n_workers": jobs, "threads_per_worker": 1, "dashboard_address": None}
        with Client(address) if address else Client(**own):
            yield
    elif backend == "ray":
        import ray
        from ray.util.joblib import register_ray

        register_ray()
        ray.init(num_cpus=jobs, include_dashboard=False, log_to_driver=False, logging_level="error")
        try:
            yield
        finally:
            ray.shutdown()
    else:
        yield


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Processes that begin within this have these variables.

    With PYTHONSAFEPATH they import nothing from the folder in which they begin: it may be a stranger's.
    """
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
