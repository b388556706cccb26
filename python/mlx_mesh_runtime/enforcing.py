"""The grammar of an answer that must call a tool, or keeps to a strict tool's schema once it calls it."""

from __future__ import annotations

import json
from typing import Any, cast

from .conversation import Tool, Tools
from .formats import Format, grammar_of, json_rule, row_of
from .grammar import Grammars, Unusable
from .guided import AfterThinking, GrammarRow
from .markers import DEFAULT_FORMAT, Markers
from .refused import Refused
from .schemas import known_part
from .vocabulary import Vocabulary

MAX_PARALLEL_CALLS = 8
"""Of an answer that must call: a model that would never stop has to."""


def is_bound(tools: Tools, form: Format | None, markers: Markers) -> bool:
    """Whether calls are in the format of this grammar, whatever the model's own is. A strict tool that may be
    called is bound where that is the model's own anyway."""
    if not tools.offered:
        return False
    in_json = markers.calls is None or markers.calls.parse is None
    return tools.required or form is not None or (in_json and any(tool.strict for tool in tools.offered))


def row_of_calls(
    tools: Tools,
    form: Format | None,
    vocabulary: Vocabulary,
    grammars: Grammars,
    thinking: AfterThinking | None,
) -> GrammarRow:
    """Raises Refused, which names the tool whose parameters cannot be kept to. form: what an answer that is
    no call has to look like."""
    text = _grammar(tools, form, vocabulary)
    try:
        return grammars.row(text, "tools", thinking)
    except Unusable:
        # All compile as one grammar, so the part that cannot be kept to has to be found.
        for part in [*_parts(tools), *([] if form is None else [form])]:
            row_of(part, grammars)
        raise


def _parts(tools: Tools) -> list[Format]:
    schemas = [(_parameters(tools, tool), _schema(tools, tool)) for tool in tools.callable]
    return [Format("json_schema", schema, where) for where, schema in schemas]


def _grammar(tools: Tools, form: Format | None, vocabulary: Vocabulary) -> str:
    open_marker = _marker(DEFAULT_FORMAT.start, vocabulary)
    close_marker = _marker(DEFAULT_FORMAT.end, vocabulary)
    bodies: list[str] = []
    for place, tool in enumerate(tools.callable):
        beginning = f'{{"name": {json.dumps(tool.name, ensure_ascii=False)}, "arguments": '
        bodies.append(f"tool_{place}: {_literal(beginning)} {_arguments(tools, tool)} {_literal('}')}")
    names = " | ".join(f"tool_{place}" for place in range(len(bodies)))
    call = f'call: "\\n" ({names}) "\\n" {close_marker}'
    if not tools.required and form is None:
        # A text ends with the first marker in it; a special token is in no text.
        lazy = "[lazy]" if open_marker.startswith('"') else ""
        text = "TEXT: /(.|\\n)*/"
        opened = f"opened{lazy}: TEXT {open_marker}"
        return "\n".join(["start: (opened call)* last", "last: TEXT", text, opened, call, *bodies])
    more = f'("\\n" {open_marker} call){{0,{MAX_PARALLEL_CALLS - 1}}}' if tools.parallel else ""
    calls = f"calls: {open_marker} call {more}"
    if form is None or tools.required:
        # Behind thinking, say, models are used to begin with empty lines.
        return "\n".join(['start: "\\n"? "\\n"? calls', calls, call, *bodies])
    main = "\n".join(["start: @format | calls", calls, call, *bodies])
    return json.dumps({"grammars": [{"name": "main", "lark_grammar": main}, *_named(form)]})


def _named(form: Format) -> list[dict[str, Any]]:
    grammar = grammar_of(form)
    if not grammar.startswith("{"):
        return [{"name": "format", "lark_grammar": grammar}]
    return [{**json.loads(grammar)["grammars"][0], "name": "format"}]


def _marker(text: str, vocabulary: Vocabulary) -> str:
    token = vocabulary.special_token(text)
    return _literal(text) if token is None else f"<[{token}]>"


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _parameters(tools: Tools, tool: Tool) -> str:
    return f"tools[{tools.offered.index(tool)}].function.parameters"


def _arguments(tools: Tools, tool: Tool) -> str:
    return json_rule(known_part(_schema(tools, tool), _parameters(tools, tool)))


def _schema(tools: Tools, tool: Tool) -> dict[str, Any]:
    """Of the arguments, as the grammar has it. Raises Refused."""
    if not tools.required and not tool.strict:
        return {"type": "object"}
    given = dict(tool.parameters or {"properties": {}})
    if "object" not in (given.get("type", "object"), *_list(given.get("type"))):
        where = f"{_parameters(tools, tool)}.type"
        raise Refused(f"{where} must be object, as the arguments of a call are one", where)
    schema = {**given, "type": "object"}
    return schema if "allOf" in json.dumps(schema) else cast("dict[str, Any]", _closed(schema))


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _closed(schema: Any) -> Any:
    """Objects whose properties are listed have no others: that keeps to the schema too, and a model that does
    not know when to stop comes to an end."""
    if isinstance(schema, list):
        return [_closed(one) for one in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    closed = dict(cast("dict[str, Any]", schema))
    for key in ("properties", "$defs", "definitions"):
        if isinstance(closed.get(key), dict):
            closed[key] = {name: _closed(one) for name, one in cast("dict[str, Any]", closed[key]).items()}
    for key in ("items", "anyOf", "oneOf"):
        if key in closed:
            closed[key] = _closed(closed[key])
    if "properties" in closed and not {"additionalProperties", "patternProperties"} & set(closed):
        closed["additionalProperties"] = False
    return closed
