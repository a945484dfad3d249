"""`x-tls` of consumed APIs: what is made of it at load."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from naftiko_runtime.errors import CredentialMissing
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.tls_identity import TlsIdentity
from tests.execute.upstream.certificates import Authority
from tests.plan.units_building import Compiled, one_call

BIND = "binds: [{keys: {CA: CA, CERT: CERT, KEY: KEY, PASSWORD: PASSWORD}}]"
BASE = "https://up.example"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, str]:
    """Give an authority, a certificate of it, and its key."""
    authority = Authority.create(tmp_path_factory.mktemp("authority"))
    return (authority.pem, *authority.issue("ada"))


def _with(folder: Path, tls: str, base: str = BASE, **environment: str) -> Compiled:
    options = LoadOptions(environment=environment)
    return one_call(folder, api=f"x-tls: {{{tls}}}", more=BIND, base=base, options=options)


def _identity(made: Compiled) -> TlsIdentity | None:
    assert not made.messages
    return made.sends().origin.tls


def _encrypted(key: str) -> str:
    """Return a key, encrypted with the password `pw`."""
    private = serialization.load_pem_private_key(key.encode(), None)
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"pw"),
    ).decode()


def test_without_it_tls_is_done_by_default(tmp_path: Path) -> None:
    assert one_call(tmp_path, base=BASE).sends().origin.tls is None


def test_variables_bring_pem_text(tmp_path: Path, pair: tuple[str, str, str]) -> None:
    ca, certificate, key = pair
    tls = "ca: '{{CA}}', certificate: '{{CERT}}', key: '{{KEY}}', serverName: api.internal"
    made = _with(tmp_path, tls, CA=ca, CERT=certificate, KEY=key)
    expected = (ca.strip(), certificate.strip(), key.strip())
    assert _identity(made) == TlsIdentity(*expected, server_name="api.internal")


def test_files_are_relative_to_the_capability(tmp_path: Path, pair: tuple[str, str, str]) -> None:
    (tmp_path / "tls").mkdir()
    for name, text in zip(("ca", "certificate", "key"), pair, strict=True):
        (tmp_path / "tls" / f"{name}.pem").write_text(text)
    made = _with(tmp_path, "ca: tls/ca.pem, certificate: tls/certificate.pem, key: tls/key.pem")
    assert _identity(made) == TlsIdentity(*pair)


def test_a_variable_may_name_a_file(tmp_path: Path, pair: tuple[str, str, str]) -> None:
    file = tmp_path / "authority.pem"
    file.write_text(pair[0])
    assert _identity(_with(tmp_path, "ca: '{{CA}}'", CA=str(file))) == TlsIdentity(ca=pair[0])


def test_certificate_and_key_may_stand_in_one_text(
    tmp_path: Path, pair: tuple[str, str, str]
) -> None:
    _, certificate, key = pair
    both = certificate + key
    made = _with(tmp_path, "certificate: '{{CERT}}'", CERT=both)
    assert _identity(made) == TlsIdentity(certificate=both.strip())


def test_a_key_may_be_encrypted(tmp_path: Path, pair: tuple[str, str, str]) -> None:
    tls = "certificate: '{{CERT}}', key: '{{KEY}}', keyPassword: '{{PASSWORD}}'"
    made = _with(tmp_path, tls, CERT=pair[1], KEY=_encrypted(pair[2]), PASSWORD="pw")
    identity = _identity(made)
    assert identity is not None
    assert identity.key_password == "pw"


@pytest.mark.parametrize(
    ("tls", "message"),
    [
        ("ca: nowhere.pem", "the file of 'ca' can't be read: No such file or directory"),
        ("ca: .", "the file of 'ca' can't be read: Is a directory"),
        ("ca: 'no\\0file'", "'ca' is no PEM text, nor a file of it"),
        ("ca: binary", "'ca' is no PEM text, nor a file of it"),
        ("ca: capability.yaml", "'ca' holds no certificate in PEM"),
        ("ca: '{{PASSWORD}}'", "the file of 'ca' can't be read: No such file or directory"),
        ("ca: '-----BEGIN ünfit'", "'ca' holds no certificate in PEM"),
        ("certificate: '{{CERT}}'", "'certificate' or 'key' is missing or no PEM text"),
        ("certificate: '-----BEGIN ünfit'", "'certificate' or 'key' is missing or no PEM text"),
        ("certificate: '{{CERT}}', key: '{{CA}}'", "'key' does not belong to 'certificate'"),
        (
            "certificate: '{{CERT}}', key: '{{KEY}}', keyPassword: wrong",
            "'key' can't be decrypted with 'keyPassword', or 'certificate' is no PEM text",
        ),
        (
            "certificate: '{{CERT}}', key: '{{KEY}}'",
            "'key' can't be decrypted with 'keyPassword', or 'certificate' is no PEM text",
        ),
        ("verify: perhaps", "'verify' has to be true or false"),
    ],
)
def test_what_can_not_be_used_is_an_error_that_shows_no_secret(
    tmp_path: Path, pair: tuple[str, str, str], tls: str, message: str
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    other = Authority.create(tmp_path).issue("bob")[1]
    tls = tls.replace("'no\\0file'", '"no\\0file"')
    values = {"CERT": pair[1], "KEY": _encrypted(pair[2]), "CA": other, "PASSWORD": "s3cret"}
    made = _with(tmp_path, tls, **values)
    assert made.is_refused
    assert made.messages == [f"error tls-invalid: {message} (in 'x-tls' of 'api')"]


def test_a_key_without_a_certificate_is_an_error(
    tmp_path: Path, pair: tuple[str, str, str]
) -> None:
    made = _with(tmp_path, "key: '{{KEY}}'", KEY=pair[2])
    assert made.messages == [
        "error tls-invalid: 'key' is of no use without 'certificate' (in 'x-tls' of 'api')"
    ]


def test_it_can_not_be_an_input(tmp_path: Path) -> None:
    made = _with(tmp_path, "ca: '{{rest.ca}}'")
    assert "'ca' can't be the input 'ca': it is settled before any call" in made.messages[0]


@pytest.mark.parametrize("key", ["ca", "certificate", "keyPassword", "serverName"])
def test_a_variable_without_a_value_fails_the_call_and_is_named(tmp_path: Path, key: str) -> None:
    made = _with(tmp_path, f"{key}: '{{{{CERT}}}}'")
    assert made.messages == [
        "warning variable-missing: the variable 'CERT' has no value; calls that need it will fail"
    ]
    with pytest.raises(CredentialMissing, match="the TLS identity CERT for upstream has no value"):
        made.sends()


@pytest.mark.parametrize("written", ["false", "'False'", "'{{KEY}}'"])
def test_checking_nothing_is_a_loud_warning(tmp_path: Path, written: str) -> None:
    made = _with(tmp_path, f"verify: {written}", KEY="false")
    (message,) = made.messages
    assert message.startswith("warning tls-unverified: DANGER: certificates of 'api' are not")
    assert made.sends().origin.tls == TlsIdentity(verify=False)


@pytest.mark.parametrize("written", ["true", "'TRUE'", "null"])
def test_certificates_are_checked(tmp_path: Path, written: str) -> None:
    assert _identity(_with(tmp_path, f"verify: {written}")) == TlsIdentity()


def test_over_http_it_has_no_effect_and_that_is_said(
    tmp_path: Path, pair: tuple[str, str, str]
) -> None:
    made = _with(tmp_path, "ca: '{{CA}}'", "http://up.example", CA=pair[0])
    message = "'x-tls' of 'api' has no effect: its base URI is not https"
    assert made.messages == [f"warning tls-unused: {message}"]
    assert made.sends().origin.tls is None


def test_without_a_base_uri_it_is_checked_all_the_same(tmp_path: Path) -> None:
    made = _with(tmp_path, "ca: nowhere.pem", "")
    assert [one.split(":")[0] for one in made.messages] == [
        "warning base-uri-missing",
        "error tls-invalid",
    ]


def test_an_identity_shows_no_key(pair: tuple[str, str, str]) -> None:
    shown = repr(TlsIdentity(*pair, key_password="hidden"))
    assert shown == "TlsIdentity(server_name=None, verify=True, missing=())"


def test_two_apis_keep_their_own(tmp_path: Path, pair: tuple[str, str, str]) -> None:
    first = _with(tmp_path, "ca: '{{CA}}'", CA=pair[0]).sends().origin
    second = _with(tmp_path, "serverName: b").sends().origin
    assert first != second
    assert first._replace(tls=None) == second._replace(tls=None)
