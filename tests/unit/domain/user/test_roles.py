"""The table of who may do what, written out a second time, and the rules of granting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.user.roles import (
    BUILT_IN_ROLES,
    PERMISSIONS,
    PLATFORM_PERMISSIONS,
    TENANT_PERMISSIONS,
    is_reserved,
    may_grant,
    owner_remains,
    permissions_of,
    unknown_permissions,
    unknown_roles,
)
from tests.permissions import held_by_role


def test_the_built_in_roles_are_those_of_the_table() -> None:
    """Every permission of the table, for the roles that have it and no others."""
    assert held_by_role() == BUILT_IN_ROLES


def test_the_platform_has_all_and_two_besides() -> None:
    """`tenant:create` and `tenant:suspend` are no tenant's to hold."""
    assert frozenset(PERMISSIONS) == PLATFORM_PERMISSIONS
    assert {"tenant:create", "tenant:suspend"} == PLATFORM_PERMISSIONS - TENANT_PERMISSIONS
    assert BUILT_IN_ROLES["owner"] == TENANT_PERMISSIONS
    assert all(PERMISSIONS.values())


def test_roles_add_up() -> None:
    """Several roles hold what each holds; an unknown one holds nothing."""
    custom = {"desk": {"report:read", "tenant:create", "no:such"}, "owner": {"tenant:read"}}
    assert permissions_of(["desk"], custom) == {"report:read"}
    assert permissions_of(["customer", "desk"], custom) == BUILT_IN_ROLES["customer"] | {
        "report:read"
    }
    assert permissions_of(["owner"], custom) == BUILT_IN_ROLES["owner"]
    assert permissions_of(["ghost"]) == frozenset()
    assert unknown_roles(["owner", "desk", "ghost"], custom) == ("ghost",)


def test_a_roles_permissions_are_a_tenants() -> None:
    """What no organisation can hold, and what is no permission at all, is unknown to it."""
    asked = ["report:read", "tenant:create", "*", "report", "tenant:suspend"]
    assert unknown_permissions(asked) == ("tenant:create", "*", "report", "tenant:suspend")


def test_names_that_say_something_are_reserved() -> None:
    """However they are capitalised."""
    for name in (*BUILT_IN_ROLES, "platform_admin", "OWNER", "Api_Key", "Service", "system"):
        assert is_reserved(name)
    assert not is_reserved("front desk")


def test_nobody_grants_what_they_lack() -> None:
    """A manager makes managers and staff, never an owner."""
    manager = BUILT_IN_ROLES["manager"]
    assert may_grant(manager, BUILT_IN_ROLES["staff"])
    assert may_grant(manager, manager)
    assert not may_grant(manager, BUILT_IN_ROLES["owner"])
    assert not may_grant(manager, {"report:read", "billing:read"})


@given(st.sets(st.sampled_from(sorted(PERMISSIONS))), st.sets(st.sampled_from(sorted(PERMISSIONS))))
def test_granting_is_being_a_subset(granter: set[str], role: set[str]) -> None:
    """Permission by permission."""
    assert may_grant(granter, role) is all(one in granter for one in role)


@pytest.mark.parametrize(
    ("owners", "user", "roles", "active", "remains"),
    [
        (["ana"], "ana", ["manager"], True, False),
        (["ana"], "ana", [], True, False),
        (["ana"], "ana", ["owner"], False, False),
        (["ana"], "ana", ["owner", "staff"], True, True),
        (["ana", "bruno"], "ana", [], True, True),
        (["ana"], "bruno", ["staff"], True, True),
        ([], "bruno", ["staff"], True, True),
    ],
)
def test_the_last_owner_stays(
    owners: list[str], user: str, roles: list[str], active: bool, remains: bool
) -> None:
    """Demoting, deleting or switching off the only owner leaves none; anything else leaves one."""
    assert owner_remains(owners, user, roles_after=roles, active_after=active) is remains
