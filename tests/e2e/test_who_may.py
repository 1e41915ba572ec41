"""Every operation, called by every kind of caller, about their own, another's and a foreign object.

The statuses are those that the table of permissions demands (tests/e2e/who_may.py), from a real
installation.
"""

import httpx
import pytest

from tests.e2e.house import Person, new_house
from tests.e2e.scene import Scene
from tests.e2e.who_may import OPERATIONS, Operation, holders
from tests.installation import Installation


@pytest.fixture(scope="module")
def scene(installation: Installation, platform: Person) -> Scene:
    return Scene.of(new_house(installation, platform), new_house(installation, platform))


def status_of(answer: httpx.Response) -> int:
    """That of the one booking, where a batch answers for each."""
    is_json = answer.headers.get("content-type", "") == "application/json"
    if answer.status_code == 200 and is_json and "results" in answer.json():
        inside: int = answer.json()["results"][0]["http_status"]
        return 200 if inside == 201 else inside
    return answer.status_code


def owns_something(caller: str, operation: Operation) -> bool:
    """Machines and strangers have no objects of their own; a new one they may leave nobody's."""
    if operation.about:
        return caller not in ("key", "anonymous")
    return caller != "key" or operation.machines


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_for_whom_the_table_says(scene: Scene, name: str) -> None:
    """Each caller gets what the table says: done, 401, 403, or 404 where they see nothing."""
    operation = OPERATIONS[name]
    scene.next_operation()
    found, expected = {}, {}
    for caller, held in holders().items():
        for whose in operation.whose:
            if whose == "own" and not owns_something(caller, operation):
                continue
            right = operation.expected(held, whose)
            status = status_of(scene.call(operation, caller, whose))
            found[caller, whose] = status
            expected[caller, whose] = status if status in right else right
    assert found == expected
