"""The meter in memory.  It polices: counts only grow, and what has ended is not counted."""


class MemoryCount:
    def __init__(self, meter, grant, after):
        self.grant, self.after = grant, after
        self._meter = meter
        self._parts = {}
        self.ended = False

    def parts(self):
        return dict(self._parts)

    def leaving(self, part, slices, size):
        assert not self.ended, "counted after its end"
        assert 0 <= part < 60
        before = self._parts.get(part, (0, 0))
        assert before[0] < slices, "a count only grows"
        assert before[1] < size, "a count only grows"
        self._meter.run("meter.leaving", lambda: self._parts.update({part: (slices, size)}))

    def end(self):
        def effect():
            self.ended = True
            self._meter.kept.remove(self)

        self._meter.run("meter.end", effect)

    def drop(self):
        self._meter.live.discard(self)


class MemoryMeter:
    """``world``: breaks at the steps ``meter.begin``, ``meter.leaving`` and ``meter.end``."""

    def __init__(self, world=None):
        self.kept = []
        self.live = set()
        self._world = world

    def run(self, step, effect):
        if self._world:
            self._world.run(step, effect)
        else:
            effect()

    def begin(self, grant, after):
        count = MemoryCount(self, grant, after)
        self.run("meter.begin", lambda: self.kept.append(count))
        self.live.add(count)
        return count

    def kill(self):
        """Whoever was counting has been killed; what they had counted stays."""
        self.live.clear()

    def left_over(self):
        groups = {}
        for count in self.kept:
            groups.setdefault((count.grant, count.after), []).append(count)
        for group in groups.values():
            if not self.live.intersection(group):
                yield self._taken(group)

    def counting(self):
        return {(count.grant, count.after) for count in self.kept if count in self.live}

    def _taken(self, group):
        first, *others = group
        self.live.add(first)
        for other in others:
            for part, (slices, size) in other.parts().items():
                mine = first.parts().get(part, (0, 0))
                first._parts[part] = max(mine[0], slices), max(mine[1], size)
            self.kept.remove(other)
        return first
