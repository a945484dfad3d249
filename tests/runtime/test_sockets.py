"""Sockets: all of them, or none. Section 8 of the behaviour."""

from __future__ import annotations

import socket

import pytest

from naftiko_runtime.expose.listener_plan import ListenerPlan
from naftiko_runtime.runtime.sockets import Bound, PortInUse, bind_all
from tests.runtime.ports import free_ports, needs_ipv6


def test_a_free_port_is_picked_and_told() -> None:
    (bound,) = bind_all([ListenerPlan("127.0.0.1", 0)])
    with bound.socket:
        assert bound.port > 0
        assert bound.url == f"http://127.0.0.1:{bound.port}"
        assert bound.serving(ListenerPlan("127.0.0.1", 1)).port == bound.port


def test_an_address_that_stands_for_all_is_shown_as_localhost() -> None:
    (bound,) = bind_all([ListenerPlan("0.0.0.0", 0)])
    with bound.socket:
        assert bound.url == f"http://localhost:{bound.port}"


@needs_ipv6
def test_an_ipv6_address_is_shown_in_brackets() -> None:
    (bound,) = bind_all([ListenerPlan("::1", 0)])
    with bound.socket:
        assert bound.url == f"http://[::1]:{bound.port}"


def test_a_port_in_use_gives_back_those_taken_before() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (other,) = free_ports(1)
        plans = [ListenerPlan("127.0.0.1", other), ListenerPlan("127.0.0.1", port)]
        with pytest.raises(PortInUse) as caught:
            bind_all(plans)
        assert caught.value.plan is plans[1]
        with socket.create_server(("127.0.0.1", other)):
            pass


def test_an_address_that_is_no_name_of_a_host_can_not_be_had() -> None:
    with pytest.raises(PortInUse, match="can't be had: encoding of hostname failed"):
        bind_all([ListenerPlan("é..b", 0)])


def test_a_line_from_another_process_has_the_port_of_its_plan() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert Bound(ListenerPlan("127.0.0.1", 8080), one).url == "http://127.0.0.1:8080"
