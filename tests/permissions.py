"""The API's table of who may do what, written out a second time."""

BUILT_IN = ("owner", "manager", "staff", "customer")
# As in the API's table: permissions, then the built-in roles that hold them.
TABLE = """
tenant:read | owner manager staff customer
tenant:update role:manage apikey:manage webhook:manage billing:read audit:read | owner
user:read:any user:create user:update:any user:delete report:read audit:read:booking | owner manager
user:assign_role | owner manager
resource:create resource:update resource:delete category:manage closure:manage | owner manager
resource:read availability:read user:read:own user:update:own | owner manager staff customer
booking:create:own booking:read:own | owner manager staff customer
booking:update:own booking:cancel:own | owner manager staff customer
booking:create:any booking:read:any booking:update:any booking:cancel:any | owner manager staff
booking:confirm | owner manager staff
booking:override | owner manager
"""


def held_by_role() -> dict[str, set[str]]:
    """What each built-in role holds, by the table."""
    held: dict[str, set[str]] = {role: set() for role in BUILT_IN}
    for line in TABLE.strip().splitlines():
        permissions, roles = line.split(" | ")
        for role in roles.split():
            held[role] |= set(permissions.split())
    return held
