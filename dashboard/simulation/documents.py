"""The bodies of the REST API, byte for byte as Go marshals k6's structs."""

from __future__ import annotations

from random import Random

from dashboard.simulation import gojson
from dashboard.simulation.groups import Check, Group
from dashboard.simulation.lifecycle import StatusView
from dashboard.simulation.registry import Metric, Registry


def _bool(value: bool) -> str:
    return "true" if value else "false"


def status_document(view: StatusView) -> str:
    """``GET /v1/status``."""
    return (
        '{"data":{"type":"status","id":"default","attributes":{'
        f'"status":{int(view.status)},"paused":{_bool(view.paused)},'
        f'"vus":{view.vus},"vus-max":{view.vus_max},'
        f'"stopped":{_bool(view.stopped)},"running":{_bool(view.running)},'
        f'"tainted":{_bool(view.tainted)}}}}}}}'
    )


def error_document(code: int, title: str, detail: str) -> str:
    """Any refusal."""
    told = f'"title":{gojson.string(title)},"detail":{gojson.string(detail)}'
    return f'{{"errors":[{{"status":"{code}",{told}}}]}}'


def _metric(metric: Metric, seconds: float) -> str:
    revision = metric.sink.revision
    if revision is None:
        return _metric_anew(metric, seconds)
    state = (revision, metric.tainted)
    if metric.shown is None or metric.shown[0] != state:
        metric.shown = (state, _metric_anew(metric, seconds))
    return metric.shown[1]


def _metric_anew(metric: Metric, seconds: float) -> str:
    sample = ",".join(f'"{name}":{gojson.number(value)}' for name, value in metric.sink.format(seconds).items())
    tainted = "null" if metric.tainted is None else _bool(metric.tainted)
    return (
        f'{{"type":"metrics","id":{gojson.string(metric.name)},"attributes":{{"type":"{metric.type}",'
        f'"contains":"{metric.contains}","tainted":{tainted},"sample":{{{sample}}}}}}}'
    )


def metric_document(metric: Metric, seconds: float) -> str:
    """``GET /v1/metrics/ID``.

    Raises:
        GoJSONError: the sample has a value that is not finite.
    """
    return f'{{"data":{_metric(metric, seconds)}}}'


def metrics_document(registry: Registry, seconds: float, shuffle: Random) -> str:
    """``GET /v1/metrics``: all that show, in an order of no meaning, as Go's maps have it.

    Raises:
        GoJSONError: some sample has a value that is not finite, which spoils the whole list.
    """
    entries = [_metric(metric, seconds) for metric in registry.observed.values()]
    shuffle.shuffle(entries)
    return f'{{"data":[{",".join(entries)}]}}'


def _check(check: Check) -> str:
    return (
        f'{{"id":"{check.id}","path":{gojson.string(check.path)},"name":{gojson.string(check.name)},'
        f'"passes":{check.passes},"fails":{check.fails}}}'
    )


def _group(group: Group, shuffle: Random) -> str:
    checks = [_check(check) for check in group.checks.values()]
    shuffle.shuffle(checks)
    children = [f'{{"type":"groups","id":"{child.id}"}}' for child in group.groups.values()]
    shuffle.shuffle(children)
    parent = f'{{"type":"groups","id":"{group.parent.id}"}}' if group.parent else "null"
    return (
        f'{{"type":"groups","id":"{group.id}","attributes":{{"path":{gojson.string(group.path)},'
        f'"name":{gojson.string(group.name)},"checks":{"[" + ",".join(checks) + "]" if checks else "null"}}},'
        f'"relationships":{{"groups":{{"data":[{",".join(children)}]}},"parent":{{"data":{parent}}}}}}}'
    )


def _flatten(group: Group, shuffle: Random) -> list[Group]:
    children = list(group.groups.values())
    shuffle.shuffle(children)
    flat = [group]
    for child in children:
        flat.extend(_flatten(child, shuffle))
    return flat


def groups_document(root: Group, shuffle: Random) -> str:
    """``GET /v1/groups``: depth first from the root, siblings and checks in an order of no meaning."""
    return f'{{"data":[{",".join(_group(group, shuffle) for group in _flatten(root, shuffle))}]}}'


def group_document(root: Group, group_id: str, shuffle: Random) -> str | None:
    """``GET /v1/groups/ID``, or None if there is no such group."""
    for group in _flatten(root, shuffle):
        if group.id == group_id:
            return f'{{"data":{_group(group, shuffle)}}}'
    return None


def setup_document(setup_data: bytes | None) -> str:
    """``GET /v1/setup``; without data there is no key ``data`` at all."""
    attributes = "" if setup_data is None else f'"data":{gojson.compact(setup_data)}'
    return f'{{"data":{{"type":"setupData","id":"default","attributes":{{{attributes}}}}}}}'
