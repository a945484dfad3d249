"""REST adapters: from the document to routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.plan.adapters import ForwardRoute, RestPlan, Route
from naftiko_runtime.plan.aggregates import Effective
from naftiko_runtime.plan.callers import CallerCheck, read_caller_check, report_withheld
from naftiko_runtime.plan.collector import Face
from naftiko_runtime.plan.context import Context
from naftiko_runtime.plan.forwarding import forward_path, plan_forward
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.paths import PathTemplate, parse_path
from naftiko_runtime.plan.resolution import Caller, resolve_calls
from naftiko_runtime.plan.routes import RouteTable
from naftiko_runtime.plan.units import Unit, UnitCompiler, has_action
from naftiko_runtime.spec.parameters import InputParameter
from naftiko_runtime.spec.rest import RestAdapter, RestOperation, RestResource
from naftiko_runtime.values import record

R = TypeVar("R", Route, ForwardRoute)


@record
class _Exposed:
    """An operation of the adapter with its resource, and what it calls."""

    resource: RestResource
    effective: Effective[RestOperation]
    path: PathTemplate
    method: str
    unit: str
    call: str | None

    @property
    def spec(self) -> RestOperation:
        return self.effective.spec


def plan_rest(adapter: RestAdapter, context: Context) -> RestPlan:
    """Compile a REST adapter; units that can't be served are left out and reported."""
    namespace = adapter.namespace or ""
    context = context.inside(namespace).bounded(adapter)
    compiler = UnitCompiler(context)
    exposed = list(_exposed(adapter, context))
    callers = [_caller(one) for one in exposed if one.call is not None]
    resolved = iter(resolve_calls(callers, context.catalogue, context.diagnostics))
    callers_check = read_caller_check(adapter.authentication, context.names, namespace)
    routes = []
    for one in exposed:
        consumed = next(resolved) if one.call is not None else None
        if one.call is not None and consumed is None:
            continue
        declared = _declared(adapter, one)
        operation = compiler.compile(Unit(one.unit, one.effective, _face(one), declared, consumed))
        if operation is not None:
            report_withheld(callers_check, operation, context.diagnostics)
            routes.append(_route(one, operation, callers_check))
    return RestPlan(
        namespace,
        adapter.address,
        adapter.port,
        adapter.description,
        callers_check,
        adapter.position,
        tuple(_without_duplicates(routes, context.diagnostics)),
        tuple(_without_duplicates(_forwards(adapter, callers_check, context), context.diagnostics)),
    )


def _exposed(adapter: RestAdapter, context: Context) -> Iterator[_Exposed]:
    for resource in adapter.resources:
        path = _resource_path(resource)
        for spec in resource.operations:
            one = _operation(spec, resource, path, adapter.namespace or "", context)
            if one is not None:
                yield one


def _operation(
    spec: RestOperation,
    resource: RestResource,
    path: PathTemplate,
    namespace: str,
    context: Context,
) -> _Exposed | None:
    method = (spec.method or "GET").upper()
    unit = f"{namespace}.{spec.name or f'{method} {path}'}"
    effective = context.functions.effective(spec, unit, context.diagnostics)
    if effective is None:
        return None
    call = effective.spec.call if not effective.spec.steps else None
    if not has_action(effective.spec):
        call = _by_name(effective.spec, f"{method} {path}", unit, context)
        if call is None:
            return None
    return _Exposed(resource, effective, path, method, unit, call)


def _resource_path(resource: RestResource) -> PathTemplate:
    path = parse_path("/" + (resource.path or "").strip().lstrip("/"))
    return forward_path(path) if resource.forward is not None else path


def _forwards(
    adapter: RestAdapter, callers: CallerCheck | None, context: Context
) -> Iterator[ForwardRoute]:
    for resource in adapter.resources:
        if resource.forward is None:
            continue
        path = _resource_path(resource)
        name = resource.name or str(path)
        unit = f"{adapter.namespace or ''}.{name}"
        plan = plan_forward(resource.forward, unit, callers, context)
        if plan is not None:
            at = resource.at("forward")
            yield ForwardRoute(path, plan, name, resource.description, callers, at)


def _by_name(spec: RestOperation, route: str, unit: str, context: Context) -> str | None:
    """Return the call of an operation that says nothing: the consumed one of its own name."""
    bearing = [ns for ns, operations in context.catalogue.items() if spec.name in operations]
    if len(bearing) == 1:
        call = f"{bearing[0]}.{spec.name}"
        message = f"'{spec.name}' says nothing of what it does; it is bound to '{call}' by its name"
        context.diagnostics.info("operation-bound-by-name", message, spec.position)
        return call
    context.diagnostics.error(
        "operation-without-action",
        f"{route} has nothing to do and is left out",
        spec.position,
        hint="give it a 'call', 'steps', a 'ref' or outputs with a 'value'",
        unit=unit,
    )
    return None


def _caller(one: _Exposed) -> Caller:
    return Caller(one.unit, one.call or "", one.spec.at("call"), one.method, one.path)


def _face(one: _Exposed) -> Face:
    variables = tuple(variable.name for variable in one.path.variables)
    return Face(is_rest=True, method=one.method, path_variables=variables)


def _declared(adapter: RestAdapter, one: _Exposed) -> tuple[InputParameter, ...]:
    return (
        *adapter.input_parameters,
        *one.resource.input_parameters,
        *one.spec.input_parameters,
    )


def _route(one: _Exposed, operation: Operation, callers: CallerCheck | None) -> Route:
    description = one.spec.description or one.resource.description
    return Route(
        one.method,
        one.path,
        operation,
        one.spec.name or f"{one.method} {one.path}",
        one.resource.name or one.resource.label or str(one.path),
        one.spec.label or (description or "").split("\n")[0][:120] or None,
        description,
        callers,
        one.spec.position,
    )


def _without_duplicates(routes: Iterable[R], diagnostics: Diagnostics) -> Iterator[R]:
    table: RouteTable[R] = RouteTable()
    for route in routes:
        first = table.add(route.method, route.path, route)
        if first is None:
            yield route
            continue
        diagnostics.warning(
            "route-duplicate",
            f"{route.method} {route.path} is exposed twice; the first one is served",
            route.at,
            hint=f"the first one is at {first.at}",
        )
