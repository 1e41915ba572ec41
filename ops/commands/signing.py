"""`keys`: what tokens are signed with."""

import click

from ops.commands.book import examples
from ops.commands.task import Task, pass_task
from ops.errors import StartupError
from ops.keys import rotate as put_new_key
from ops.trail import recorded


@click.group()
def keys() -> None:
    """The keys that tokens are signed with."""


@keys.command(
    epilog=examples("""
        slotstream keys rotate
        slotstream keys rotate --revoke
    """)
)
@click.option(
    "--revoke", is_flag=True, help="The old key is in other hands: end what it signed at once."
)
@pass_task
def rotate(task: Task, *, revoke: bool) -> None:
    """Sign with a new key, while an installation runs or not.

    The old one stays published while the tokens that it signed are good, so that nobody is signed
    out.
    """
    if task.part_settings.jwt_private_key_file is not None:
        raise StartupError(
            "JWT_PRIVATE_KEY_FILE names your own key: replace that file, and the set in"
            " JWT_JWKS_FILE before it; running processes follow both."
        )
    old, new = put_new_key(task.data_dir / "keys", revoke=revoke)
    print(f"tokens are signed with {new} from now on")
    print(f"{old} is {'revoked' if revoke else 'published while its tokens are good'}")
    done = "keys.revoked" if revoke else "keys.rotated"
    given = task.part_settings.redis_url
    url = None if given is None else given.get_secret_value()
    if not recorded(task.data_dir, done, f"key/{old}", url):
        print("the audit trail does not say so: no installation runs on this folder")
