"""Passwords and registration over HTTP, and how soon the old tokens are good for nothing."""

from uuid import uuid4

import jwt

from ops.keys import rotate
from tests.e2e.house import PASSWORD, House, Person, code_for, sign_in
from tests.e2e.mailbox import next_mail
from tests.installation import Installation
from tests.waiting import wait_until

NEW = "a wholly different phrase"


def is_out(person: Person) -> bool:
    """Whether the access token is good for nothing any more."""
    return person.get("/resources/").status_code == 401


def test_a_changed_password_ends_the_other_sessions(
    installation: Installation, house: House
) -> None:
    """Their access tokens within seconds, although they live for ten minutes."""
    email = f"owner@{house.slug}.example"
    phone = sign_in(installation.base_url, house.slug, email, PASSWORD)
    wrong = house.owner.post(
        "/auth/password/change", {"current_password": "no such phrase", "new_password": NEW}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_credentials")
    changed = house.owner.post(
        "/auth/password/change", {"current_password": PASSWORD, "new_password": NEW}
    )
    assert changed.status_code == 200, changed.text
    wait_until(lambda: is_out(phone) and is_out(house.owner), 5)
    here = Person(installation.base_url, changed.json()["access_token"])
    assert here.get("/auth/me").status_code == 200
    assert here.get("/resources/").status_code == 200


def test_signing_out_ends_the_access_token_too(installation: Installation, house: House) -> None:
    """Within seconds, and that of no other session."""
    email = f"owner@{house.slug}.example"
    phone = sign_in(installation.base_url, house.slug, email, PASSWORD)
    Person(installation.base_url).post("/auth/logout", {"refresh_token": phone.refresh_token})
    wait_until(lambda: is_out(phone), 5)
    assert house.owner.get("/resources/").status_code == 200


def test_a_forgotten_password_is_set_by_mail(installation: Installation, house: House) -> None:
    """forgot → code → reset; an unknown address gets the very same answer."""
    nobody = Person(installation.base_url)
    email = f"owner@{house.slug}.example"
    asked = nobody.post("/auth/password/forgot", {"tenant": house.slug, "email": email})
    unknown = nobody.post(
        "/auth/password/forgot", {"tenant": house.slug, "email": "nobody@people.example"}
    )
    assert (asked.status_code, asked.content) == (unknown.status_code, unknown.content)
    assert asked.status_code == 202
    code = code_for(installation, email)
    done = nobody.post("/auth/password/reset", {"code": code, "new_password": NEW})
    assert done.status_code == 204
    wait_until(lambda: is_out(house.owner), 5)
    sign_in(installation.base_url, house.slug, email, NEW)
    again = nobody.post("/auth/password/reset", {"code": code, "new_password": NEW})
    assert (again.status_code, again.json()["code"]) == (400, "invalid_code")


def test_a_customer_signs_up(installation: Installation, house: House) -> None:
    """Where the tenant allows it: 202, a mail, 202, and they can sign in, as a customer."""
    nobody = Person(installation.base_url)
    email = f"{uuid4().hex[:10]}@people.example"
    form = {"tenant": house.slug, "email": email, "locale": "en"}
    assert nobody.post("/auth/register", form).status_code == 202
    house.settings(self_registration=True)
    assert nobody.post("/auth/register", form).status_code == 202
    code = code_for(installation, email)
    said = {"code": code, "name": "Caio", "password": PASSWORD}
    weak = nobody.post("/auth/register/confirm", {**said, "password": "short"})
    assert (weak.status_code, weak.json()["code"]) == (400, "invalid_password")
    assert nobody.post("/auth/register/confirm", said).status_code == 202
    customer = sign_in(installation.base_url, house.slug, email, PASSWORD)
    assert customer.get("/auth/me").json()["roles"] == ["customer"]


def test_another_address_is_confirmed_by_mail(installation: Installation, house: House) -> None:
    """change → code → confirm, by whoever asked; a known address gets the very same answer, a patch
    of oneself is no way around, and the old address is told."""
    house.settings(locale="en")
    ana, eve = house.person("customer"), house.person("customer")
    mine = f"/users/{ana.id}"
    old, new = ana.get(mine).json()["email"], f"{uuid4().hex[:10]}@people.example"
    for email in (new, f"owner@{house.slug}.example"):
        patched = ana.patch(mine, {"email": email})
        assert (patched.status_code, patched.json()["code"]) == (400, "use_email_change")

    def ask(email: str, password: str = PASSWORD) -> tuple[int, bytes]:
        body = {"email": email, "current_password": password}
        answer = ana.post("/auth/email/change", body)
        return answer.status_code, answer.content

    assert ask(new, "no such phrase")[0] == 401
    assert ask(new) == ask(f"owner@{house.slug}.example") == (204, b"")
    assert ana.get(mine).json()["email"] == old
    code = {"code": code_for(installation, new)}
    other = eve.post("/auth/email/confirm", code)
    assert (other.status_code, other.json()["code"]) == (400, "invalid_code")
    assert ana.post("/auth/email/confirm", code).status_code == 204
    assert ana.get("/auth/me").json()["email"] == new
    sign_in(installation.base_url, house.slug, new, PASSWORD)
    told = next_mail(installation, old, 0)
    assert "address" in told["subject"]
    assert new not in told["text"]


def test_keys_are_rotated_while_it_runs(installation: Installation, house: House) -> None:
    """Tokens of the old key stay good; new ones are signed with the new key, and believed."""
    old, new = rotate(installation.data_dir / "keys", revoke=False)
    nobody = Person(installation.base_url)
    shown = {key["kid"] for key in nobody.get("/.well-known/jwks.json").json()["keys"]}
    assert {old, new} <= shown
    assert house.owner.get("/resources/").status_code == 200
    email = f"owner@{house.slug}.example"

    def by_the_new_key() -> bool:
        person = sign_in(installation.base_url, house.slug, email, PASSWORD)
        return kid_of(person.token) == new and person.get("/resources/").status_code == 200

    wait_until(by_the_new_key, 10)


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])
