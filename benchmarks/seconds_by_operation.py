"""What TensorFlow's profiler counts in a step: https://www.tensorflow.org/guide/profiler"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any


def seconds_by_operation(step: Callable[[], Any], steps: int) -> dict[str, float]:
    """Of each kind of TensorFlow's operations, in so many steps, on all threads together."""
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder, tf.profiler.experimental.ProfilerOptions(host_tracer_level=3)):
            for _ in range(steps):
                step()
        (file,) = Path(folder).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(file.read_bytes())
    seconds: defaultdict[str, float] = defaultdict(float)
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            name, colon, operation = plane.event_metadata[event.metadata_id].name.rpartition(":")
            # "NODE:OPERATION"; with a blank before it is a function, which contains operations
            if colon and not name.endswith(":") and not operation.startswith(" "):
                seconds[operation] += 1e-12 * event.duration_ps
    return dict(seconds)
