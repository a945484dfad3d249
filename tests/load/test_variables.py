"""Variables: section 2 of the behaviour."""

from __future__ import annotations

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.load.variables import Variable, Variables

AT = Position("c.yaml", 3, 5)
TOKEN = Variable("TOKEN", "s3cret", "set it")
ENVIRONMENT = {"SHOP": "acme", "HOME": "/root"}


def test_a_declared_variable_is_found_by_its_name_alone() -> None:
    variables = Variables({"TOKEN": TOKEN}, ENVIRONMENT)
    assert variables.declared("TOKEN") is TOKEN
    assert variables.declared("SHOP") is None


def test_an_undeclared_variable_comes_from_the_environment() -> None:
    assert Variables(environment=ENVIRONMENT).ambient("SHOP") == Variable(
        "SHOP", "acme", "set the environment variable SHOP", declared=False, environment="SHOP"
    )


def test_env_in_front_of_a_name_means_the_environment() -> None:
    variables = Variables(environment=ENVIRONMENT)
    assert variables.ambient("env.SHOP").value == "acme"
    assert variables.in_environment("env.SHOP")
    assert variables.in_environment("SHOP")
    assert not variables.in_environment("env.OTHER")


def test_an_undeclared_variable_that_the_environment_lacks_has_no_value() -> None:
    missing = Variables().ambient("env.SHOP")
    assert (missing.value, missing.how_to_set) == (None, "set the environment variable SHOP")


def test_all_declared_values_are_secret_and_of_the_environment_only_what_is_used() -> None:
    variables = Variables({"TOKEN": TOKEN, "NONE": Variable("NONE", None, "")}, ENVIRONMENT)
    assert variables.secrets() == {"s3cret"}
    variables.used(variables.ambient("SHOP"), AT)
    assert variables.secrets() == {"s3cret", "acme"}


def test_an_empty_value_is_no_secret_because_it_is_everywhere() -> None:
    assert Variables({"A": Variable("A", "", "")}).secrets() == frozenset()
