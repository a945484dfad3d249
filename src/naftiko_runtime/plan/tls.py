"""`x-tls` of consumed APIs: read, checked, and made ready at load."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path
from typing import Final

from naftiko_runtime.load.contents import start_of
from naftiko_runtime.load.nodes import Node
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.base_uris import BaseUri, MissingBaseUri
from naftiko_runtime.plan.credentials import settled_term
from naftiko_runtime.plan.references import Names
from naftiko_runtime.plan.settled import settle
from naftiko_runtime.plan.tls_identity import TlsIdentity, TlsUnusable
from naftiko_runtime.spec.consumes import ConsumedApi
from naftiko_runtime.spec.tls import Tls

_LARGEST_FILE: Final = 1024 * 1024
_PEM: Final = "-----BEGIN "
_SWITCH: Final = {"true": True, "false": False, "": True}


def with_tls(
    base: BaseUri | MissingBaseUri, api: ConsumedApi, folder: Path, names: Names
) -> BaseUri | MissingBaseUri:
    """Return a base URI with the TLS identity that its API asks for.

    Args:
        base: Where the API lives.
        api: The API.
        folder: Where relative files are.
        names: How `{{...}}` is read.
    """
    if api.tls is None:
        return base
    identity = _TlsReader(api, api.tls, folder, names).read()
    if isinstance(base, MissingBaseUri):
        return base
    if base.origin.scheme != "https":
        message = f"'x-tls' of '{api.namespace}' has no effect: its base URI is not https"
        names.diagnostics.warning("tls-unused", message, api.at("x-tls"))
        return base
    return replace(base, origin=base.origin._replace(tls=identity))


class _TlsReader:
    """Reads one `x-tls` block."""

    def __init__(self, api: ConsumedApi, block: Tls, folder: Path, names: Names) -> None:
        self._namespace = api.namespace or ""
        self._block = block
        self._folder = folder
        self._names = names
        self._missing: list[Variable] = []

    def read(self) -> TlsIdentity:
        """Return the identity; what is wrong with it is reported."""
        block = self._block
        if block.key is not None and block.certificate is None:
            self._report("'key' is of no use without 'certificate'", "key")
        errors = len(self._names.diagnostics.errors)
        identity = TlsIdentity(
            self._pem(block.ca, "ca"),
            self._pem(block.certificate, "certificate"),
            self._pem(block.key, "key"),
            self._optional(block.key_password, "keyPassword"),
            self._optional(block.server_name, "serverName"),
            self._verify(),
            tuple(dict.fromkeys(self._missing)),
        )
        if not identity.missing and len(self._names.diagnostics.errors) == errors:
            self._check(identity)
        return identity

    def _check(self, identity: TlsIdentity) -> None:
        try:
            identity.apply(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        except TlsUnusable as error:
            self._report(str(error), error.key)

    def _verify(self) -> bool:
        written = self._optional(self._block.verify, "verify") or ""
        verify = _SWITCH.get(written.lower())
        if verify is None:
            self._report("'verify' has to be true or false", "verify")
        if verify is False:
            self._names.diagnostics.warning(
                "tls-unverified",
                f"DANGER: certificates of '{self._namespace}' are not checked; anyone on the way"
                " can read and change what is sent, credentials included",
                self._block.at("verify"),
                hint="give the private authority as 'ca' instead",
            )
        return verify is not False

    def _pem(self, value: Node, key: str) -> str | None:
        """Return PEM text, that of a file where the value names one."""
        text = self._optional(value, key)
        if text is None or not text or text.startswith(_PEM):
            return text
        try:
            return self._content(self._folder / text)
        except OSError as error:
            self._report(f"the file of '{key}' can't be read: {error.strerror}", key)
        except ValueError:
            self._report(f"'{key}' is no PEM text, nor a file of it", key)
        return None

    def _content(self, file: Path) -> str:
        """Return what a file holds.

        Raises:
            OSError: It can't be read.
            ValueError: It is no text, or there can be no such file.
        """
        return start_of(file, _LARGEST_FILE).decode("ascii")

    def _optional(self, value: Node, key: str) -> str | None:
        if value is None:
            return None
        text = str(value).lower() if isinstance(value, bool) else str(value)
        settled = settle(settled_term(text, key, self._block.at(key), self._names))
        self._missing.extend(settled.missing)
        return settled.text

    def _report(self, message: str, key: str) -> None:
        whole = f"{message} (in 'x-tls' of '{self._namespace}')"
        self._names.diagnostics.error("tls-invalid", whole, self._block.at(key))
