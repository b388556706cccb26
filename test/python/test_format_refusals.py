from __future__ import annotations

import json
from typing import Any

import pytest
from runtime import Runtime

PARAM = "response_format.json_schema.schema"


def required(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = required(a=schema)
    return schema


def chain(links: int) -> dict[str, Any]:
    """References whose resolution goes as deep as there are links."""
    parts = {f"d{n}": {"properties": {"x": {"$ref": f"#/$defs/d{n + 1}"}}} for n in range(links)}
    return {"$ref": "#/$defs/d0", "$defs": {**parts, f"d{links}": {"type": "string"}}}


def both(levels: int) -> dict[str, Any]:
    """As a whole 2 to the power of levels parts."""
    parts: dict[str, Any] = {
        f"d{n}": {"allOf": [required(x=two(n)), required(y=two(n))]} for n in range(levels)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**parts, f"d{levels}": {"type": "string"}}}


def two(n: int) -> dict[str, Any]:
    return {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]}


UNUSABLE: list[tuple[Any, str]] = [
    (required(age={"type": "number", "not": {"const": 1}}), ".properties.age.not"),
    (
        required(list={"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
        ".properties.list.uniqueItems",
    ),
    (
        required(a={"anyOf": [{"type": "null"}, required(b={"if": {}})]}),
        ".properties.a.anyOf[1].properties.b.if",
    ),
    ({"$defs": {"x": {"propertyNames": {}}}, "$ref": "#/$defs/x"}, ".$defs.x.propertyNames"),
    (required(mail={"type": "string", "format": "idn-email"}), ".properties.mail.format"),
    (required(code={"type": "string", "pattern": "(a"}), ".properties.code.pattern"),
    (required(code={"type": "string", "pattern": "(?=a)b"}), ".properties.code.pattern"),
    (required(n={"type": "integer", "minimum": 5, "maximum": 3}), ".properties.n.minimum"),
    (required(n={"type": "number", "multipleOf": 1e-300}), ".properties.n.multipleOf"),
    (required(n={"type": "strin"}), ".properties.n.type"),
    (required(n={"type": "string", "minLength": -1}), ".properties.n.minLength"),
    (required(n={"enum": []}), ".properties.n.enum"),
    (required(n=5), ".properties.n"),
    ({"properties": []}, ".properties"),
    ({"anyOf": {"type": "string"}}, ".anyOf"),
    ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, ".oneOf"),
    ({"patternProperties": {"^a": {}, "b$": {"type": "null"}}}, ".patternProperties"),
    (required(x={"$ref": "#/$defs/absent"}), ".properties.x.$ref"),
    (required(x={"$ref": "http://127.0.0.1:9/schema.json"}), ".properties.x.$ref"),
    (required(x={"$ref": "file:///etc/passwd"}), ".properties.x.$ref"),
    (False, ""),
]


@pytest.mark.parametrize(
    ("schema", "path"), UNUSABLE, ids=[f"{n}{path}" for n, (_, path) in enumerate(UNUSABLE)]
)
def test_a_schema_that_cannot_be_kept_to_is_refused_by_its_path(
    tiny: Runtime, schema: Any, path: str
) -> None:
    error = refusal(tiny, {"type": "json_schema", "schema": schema, "param": PARAM})
    assert error["param"] == PARAM + path
    assert error["message"].startswith(PARAM + path)


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ("json", "format"),
        ({}, "format.type"),
        ({"type": "xml"}, "format.type"),
        ({"type": "json_schema"}, "format"),
        ({"type": "json_schema", "schema": "{}", "param": "guided_json"}, "guided_json"),
        ({"type": "regex", "pattern": "", "param": "guided_regex"}, "guided_regex"),
        ({"type": "regex", "pattern": "[a-", "param": "guided_regex"}, "guided_regex"),
        ({"type": "regex", "pattern": "a" * 20_000, "param": "guided_regex"}, "guided_regex"),
        ({"type": "lark", "grammar": "start: absent", "param": "guided_grammar"}, "guided_grammar"),
        ({"type": "lark", "grammar": '{"grammars": []}', "param": "guided_grammar"}, "guided_grammar"),
        ({"type": "lark", "grammar": "start: start", "param": "guided_grammar"}, "guided_grammar"),
    ],
)
def test_a_format_that_is_none_is_refused_as_the_user_calls_it(tiny: Runtime, form: Any, param: str) -> None:
    assert refusal(tiny, form)["param"] == param


HOSTILE: dict[str, dict[str, Any]] = {
    "deeply nested": {"schema": nested(400)},
    "many properties": {"schema": required(**{f"p{n}": {} for n in range(10_000)})},
    "many required": {"schema": {"type": "object", "required": [f"p{n}" for n in range(10_000)]}},
    "a long enumeration": {"schema": {"enum": [f"value {n}" for n in range(50_000)]}},
    "many parts": {"schema": {"anyOf": [{"type": "string"}] * 10_000}},
    "an endless reference": {"schema": {"$ref": "#"}},
    "references in a circle": {
        "schema": {
            "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}] * 2, "type": "object"}},
            "$ref": "#/$defs/a",
        }
    },
    "an exponential intersection": {"schema": both(40)},
    "patterns of one text": {"schema": {"allOf": [{"pattern": f".*{n}.{{9}}"} for n in range(24)]}},
    "patterns of one property": {
        "schema": {"allOf": [{"properties": {"a": {"pattern": f".*{n}.{{9}}"}}} for n in range(24)]}
    },
    "patterns that references combine": {
        "schema": {
            "properties": {
                **{f"p{n}": {"pattern": f".*{n}.{{9}}", "$ref": f"#/properties/p{n + 1}"} for n in range(24)},
                "p24": {},
            }
        }
    },
    "a schema within a grammar": {
        "grammar": f"start: %json {json.dumps({'allOf': [{'pattern': f'.*{n}.{{9}}'} for n in range(24)]})}"
    },
    "an expensive divisor": {"schema": {"type": "integer", "multipleOf": 999_999_937}},
    "a nested repetition": {"pattern": "(((a{1000}){1000}){1000}){1000}"},
    "a pattern that doubles": {
        "grammar": "start: R0\n" + "".join(f"R{n}: R{n + 1} R{n + 1}\n" for n in range(20)) + 'R20: "a"\n'
    },
    "a chain of terminals": {
        "grammar": "start: R0\n" + "".join(f"R{n}: R{n + 1}\n" for n in range(20_000)) + 'R20000: "a"\n'
    },
    "deep brackets": {"grammar": "start: " + "(" * 10_000 + '"a"' + ")" * 10_000},
}


def test_patterns_of_different_properties_may_be_many(tiny: Runtime) -> None:
    parts = [{"properties": {f"p{n}": {"type": "string", "pattern": f"^{n}"}}} for n in range(24)]
    answer = tiny.run(
        prompt="x", maxTokens=2, format={"type": "json_schema", "schema": {"allOf": parts}, "param": PARAM}
    )
    assert answer.finish == "length"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_format_is_refused_while_others_go_on(tiny: Runtime, name: str) -> None:
    (source,) = HOSTILE[name]
    kind = {"schema": "json_schema", "pattern": "regex", "grammar": "lark"}[source]
    stream = tiny.ask(prompt="The stream", maxTokens=4000)
    tiny.wait_for_token(stream)
    refusal(tiny, {"type": kind, **HOSTILE[name]})
    assert not tiny.so_far(stream).ended
    assert tiny.run(prompt="Next", maxTokens=1).finish == "length"
    tiny.send(op="cancel", id=stream)
    tiny.answer(stream)


LARGE: dict[str, Any] = {
    "a chain of references": chain(490),
    "many optional properties": {
        "type": "object",
        "properties": {f"p{n}": {"type": "string"} for n in range(150)},
    },
    "huge counts": {"type": "array", "items": {"type": "string", "minLength": 10**6}, "minItems": 10**9},
    "a tree of itself": {
        "$defs": {"n": required(c={"type": "array", "items": {"$ref": "#/$defs/n"}})},
        "$ref": "#/$defs/n",
    },
    "levels": nested(45),
    "a pattern with ambiguous repetition": {"type": "string", "pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"},
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_large_but_well_formed_is_answered(tiny: Runtime, name: str) -> None:
    form = {"type": "json_schema", "schema": LARGE[name]}
    answer = tiny.run(prompt="Large", maxTokens=40, temperature=1, seed=1, format=form)
    assert answer.finish in ("stop", "length")
    assert answer.text


@pytest.mark.parametrize(
    "grammar",
    [
        'start: a\na: a a a | a a | "x" | ""\n',
        'start: ("a"{1,1000}){1,1000}',
        "start: /(.*a){200}b.{500}c/",
        "start: /.*a.{40}/",
    ],
)
def test_a_grammar_too_complex_to_go_on_with_fails_alone(tiny: Runtime, grammar: str) -> None:
    other = tiny.ask(prompt="Another", maxTokens=200)
    tiny.wait_for_token(other)
    answer = tiny.run(
        prompt="x", maxTokens=300, temperature=1, seed=1, format={"type": "lark", "grammar": grammar}
    )
    assert answer.error is None or (answer.error["code"], answer.error["param"]) == (
        "INVALID_REQUEST",
        "format",
    )
    assert len(tiny.answer(other).tokens) == 200


def refusal(runtime: Runtime, form: Any) -> dict[str, Any]:
    answer = runtime.run(prompt="Hello", maxTokens=4, format=form)
    assert answer.error is not None
    assert answer.error["code"] == "INVALID_REQUEST"
    assert answer.started is None
    return answer.error
