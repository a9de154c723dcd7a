"""The port ``Parsers`` without a fence: the task runs in this process."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from drivers.disk import list_volume
from evidence.json import Json, JsonObject
from evidence.ports import Source

TaskFunction = Callable[[Source, JsonObject], Json]


@dataclass
class DirectParsers:
    """Calls the task function; the answer passes through JSON as it would through a pipe."""

    tasks: Mapping[str, TaskFunction] = field(default_factory=lambda: {"list_volume": list_volume})
    asked: list[str] = field(default_factory=list)

    def parse(self, task: str, source: Source, request: JsonObject) -> Json:
        self.asked.append(task)
        answer: Json = json.loads(json.dumps(self.tasks[task](source, request)))
        return answer
