"""Private keys that clients sign assertions with: which signature fits, and whether any does."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_OF_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_OF_RSA: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_SMALLEST_RSA: Final = 2048


def fitting_algorithms(pem: str) -> tuple[str, ...]:
    """Return the signatures that a private key can make, the usual one first; none if no key can.

    Args:
        pem: The key, not encrypted.
    """
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return ()
    if isinstance(key, rsa.RSAPrivateKey):
        return _OF_RSA if key.key_size >= _SMALLEST_RSA else ()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        fitting = _OF_CURVES.get(key.curve.name)
        return () if fitting is None else (fitting,)
    return ("EdDSA",) if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey) else ()
