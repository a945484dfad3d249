"""Which proxy the environment names for an origin."""

from __future__ import annotations

from urllib.request import getproxies, proxy_bypass

from naftiko_runtime.plan.origins import Origin


def environment_proxy(origin: Origin) -> str | None:
    """Return the proxy's URL from `HTTP_PROXY`, `HTTPS_PROXY` or `ALL_PROXY`, if any.

    `NO_PROXY` exempts hosts, as names, as suffixes, or with a port.
    """
    proxies = getproxies()
    host = origin.host if ":" in origin.host else f"{origin.host}:{origin.port}"
    if proxy_bypass(host):
        return None
    return proxies.get(origin.scheme) or proxies.get("all")
