"""Who asked for what another context now does: it stands in the events that follow."""

from contracts.wire.envelope import Actor, ActorKind
from contracts.wire.strict import Strict


class Requester(Strict):
    """An actor without permissions: those were asked about where the request came in."""

    kind: ActorKind
    id: str | None
    roles: tuple[str, ...]

    @classmethod
    def of(cls, actor: Actor) -> "Requester":
        return cls(kind=actor.kind, id=actor.id, roles=actor.roles)

    @property
    def actor(self) -> Actor:
        return Actor(self.kind, self.id, self.roles)
