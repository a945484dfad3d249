"""By which certificates upstream is known, and the runtime to it."""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import field
from typing import Final

from naftiko_runtime.load.variables import Variable
from naftiko_runtime.values import record

_KEY_MISMATCH: Final = "KEY_VALUES_MISMATCH"
_NO_PEM: Final = "'certificate' or 'key' is missing or no PEM text"


class TlsUnusable(Exception):
    """A certificate or a key can't be used; the text says why, and holds nothing of it.

    Attributes:
        key: The key of `x-tls` that is to blame.
    """

    def __init__(self, reason: str, key: str) -> None:
        super().__init__(reason)
        self.key = key


@record
class TlsIdentity:
    """What TLS to a consumed API needs besides the default.

    Equal identities may share connections, others never do.

    Attributes:
        ca: The only authorities that are trusted, in PEM; None for the system's.
        certificate: The chain that the runtime shows, in PEM; None for none.
        key: Its private key, in PEM; None where it stands in the same text.
        key_password: What the key is encrypted with.
        server_name: Whose certificate is expected, and asked for by SNI; None for the host's.
        verify: Whether upstream's certificate is checked at all.
        missing: The variables that have no value; a call then fails before it is sent.
    """

    ca: str | None = field(default=None, repr=False)
    certificate: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    key_password: str | None = field(default=None, repr=False)
    server_name: str | None = None
    verify: bool = True
    missing: tuple[Variable, ...] = ()

    def apply(self, context: ssl.SSLContext) -> ssl.SSLContext:
        """Add authorities and certificate to a client's context.

        Raises:
            TlsUnusable: They are broken, or do not belong together.
        """
        if self.ca is not None:
            _trust(context, self.ca)
        if self.certificate is not None:
            _show(context, self.certificate, self.key, self.key_password or "")
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _trust(context: ssl.SSLContext, ca: str) -> None:
    try:
        context.load_verify_locations(cadata=ca)
    except (ssl.SSLError, TypeError):
        raise TlsUnusable("'ca' holds no certificate in PEM", "ca") from None


def _show(context: ssl.SSLContext, certificate: str, key: str | None, password: str) -> None:
    """Load certificate and key; OpenSSL reads them from files alone, so one lives for a moment."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="ascii") as file:
        try:
            file.write("\n".join((certificate, key or "")))
            file.flush()
            context.load_cert_chain(file.name, password=lambda: password)
        except ssl.SSLError as error:
            reason = _reason(error, encrypted="ENCRYPTED" in (key or certificate))
            raise TlsUnusable(reason, "certificate") from None
        except ValueError:
            raise TlsUnusable(_NO_PEM, "certificate") from None


def _reason(error: ssl.SSLError, *, encrypted: bool) -> str:
    if error.reason == _KEY_MISMATCH:
        return "'key' does not belong to 'certificate'"
    if encrypted:
        return "'key' can't be decrypted with 'keyPassword', or 'certificate' is no PEM text"
    return _NO_PEM
