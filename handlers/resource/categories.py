"""Creating, changing and deleting categories."""

from dataclasses import replace

from contracts.resource.commands import (
    CategoryCreate,
    CategoryDelete,
    CategoryRestore,
    CategoryUpdate,
)
from contracts.wire.identity import object_id_for_command
from handlers.delivery.merging import patched
from handlers.delivery.work import Asked, Done, Outcome, Refused, refused
from handlers.resource.attribute_schemas import schema_refusal
from handlers.resource.views import CATEGORY_FIELDS, category_event, category_fact, category_view
from storage.delivery.transaction import Writing
from storage.resource.categories import (
    CategoryRow,
    add_category,
    find_category,
    has_resources,
    name_is_taken,
    save_category,
)

NAME_TAKEN = refused("name_in_use", "Another category has this name.")


async def create_category(work: Writing, asked: Asked[CategoryCreate]) -> Outcome:
    """Afterwards resources can belong to the category."""
    command = asked.message
    unfit = schema_refusal(command.attribute_schema)
    if unfit is not None:
        return unfit
    category = CategoryRow(
        tenant_id=work.tenant_id,
        category_id=command.id or object_id_for_command(asked.envelope.id),
        **{name: getattr(command, name) for name in CATEGORY_FIELDS},
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    taken = await add_category(work, category)
    if taken == "id":
        return refused("id_in_use", "Another category has this id.")
    if taken is not None:
        return NAME_TAKEN
    return _done("category.created", category, None, status=201)


async def update_category(work: Writing, asked: Asked[CategoryUpdate]) -> Outcome:
    """A merge patch. Resources meet a changed schema when their attributes are next changed."""
    command = asked.message
    before = await _loaded(work, command)
    if isinstance(before, Refused):
        return before
    patch = command.model_dump(mode="json", exclude_unset=True, include={*CATEGORY_FIELDS})
    document = {name: getattr(before, name) for name in CATEGORY_FIELDS}
    wanted = patched(CategoryCreate, document, patch)
    if isinstance(wanted, Refused):
        return wanted
    after = replace(before, **{name: getattr(wanted, name) for name in CATEGORY_FIELDS})
    if after == before:
        return Done(200, category_view(before), facts=(category_fact(before),))
    unfit = schema_refusal(after.attribute_schema)
    if unfit is not None:
        return unfit
    if await name_is_taken(work, after.name, after.category_id):
        return NAME_TAKEN
    return await _saved(work, "category.updated", before, after)


async def delete_category(work: Writing, asked: Asked[CategoryDelete]) -> Outcome:
    """Afterwards the category is hidden; it has no resources that are not."""
    before = await _loaded(work, asked.message)
    if isinstance(before, Refused):
        return before
    if await has_resources(work, before.category_id):
        return refused("in_use", "Resources belong to this category.")
    gone = replace(before, deleted_at=work.now)
    return replace(await _saved(work, "category.deleted", before, gone), status=204, body=None)


async def restore_category(work: Writing, asked: Asked[CategoryRestore]) -> Outcome:
    """Afterwards the category is there again, as it was."""
    before = await _loaded(work, asked.message, deleted=True)
    if isinstance(before, Refused):
        return before
    if before.deleted_at is None:
        return refused("not_deleted", "The category is not deleted.")
    if await name_is_taken(work, before.name, before.category_id):
        return NAME_TAKEN
    return await _saved(work, "category.restored", before, replace(before, deleted_at=None))


async def _loaded(
    work: Writing,
    command: CategoryUpdate | CategoryDelete | CategoryRestore,
    *,
    deleted: bool = False,
) -> CategoryRow | Refused:
    category = await find_category(work, command.category_id, lock=True, deleted=deleted)
    if category is None:
        return refused("not_found", "There is no such category.")
    if command.expected_version not in (None, category.version):
        return refused("stale_version", f"The version is {category.version}.")
    return category


async def _saved(work: Writing, event_type: str, before: CategoryRow, after: CategoryRow) -> Done:
    after = replace(after, version=before.version + 1, updated_at=work.now)
    await save_category(work, after)
    return _done(event_type, after, before)


def _done(
    event_type: str, after: CategoryRow, before: CategoryRow | None, status: int = 200
) -> Done:
    event = category_event(event_type, after, before)
    return Done(status, category_view(after), events=(event,), facts=(category_fact(after),))
