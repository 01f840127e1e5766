"""Replies as they were met in public bug reports and parsers of 2026, and their neighbours: what each of them is."""

from __future__ import annotations

from typing import Any

READ: list[tuple[str, dict[str, Any]]] = [("read_text_file", {"path": "a.txt"})]
BOTH = [*READ, ("read_text_file", {"path": "b.txt"})]


def wrote(content: str, path: str = "a.md") -> list[tuple[str, dict[str, Any]]]:
    return [("write_file", {"path": path, "content": content})]


def dsml(bar: str, gap: str = "", around: str = "tool_calls") -> str:
    """DeepSeek V4's markup with whatever a server made of its bars."""
    tag = f"{gap}{bar}{gap}DSML{gap}{bar}{gap}"
    return (
        f'<{tag}{around}>\n<{tag}invoke name="read_text_file">\n<{tag}parameter name="path" string="true">a.txt</{tag}parameter>\n'
        f'<{tag}parameter name="head" string="false">3</{tag}parameter>\n</{tag}invoke>\n</{tag}{around}>'
    )


def m3(body: str, tool: str = "read_text_file") -> str:
    """MiniMax M3's markup; `§` stands for the token before each tag."""
    return f'§<tool_call>\n§<invoke name="{tool}">\n{body}\n§</invoke>\n§</tool_call>'.replace("§", "]<]minimax[>[")


def qwen(path: str, content: str) -> str:
    return (
        f"<tool_call>\n<function=write_file>\n<parameter=path>\n{path}\n</parameter>\n<parameter=content>\n{content}\n"
        "</parameter>\n</function>\n</tool_call>"
    )


def reads(*paths: str) -> str:
    """A call for each path, which is written with what closes it."""
    return "\n".join(
        f"<tool_call>\n<function=read_text_file>\n<parameter=path>\n{path}</function>\n</tool_call>" for path in paths
    )


def lfm(code: str) -> str:
    return f"<|tool_call_start|>{code}<|tool_call_end|>"


HEAD3 = [("read_text_file", {"path": "a.txt", "head": 3})]
JSON = '{"name": "read_text_file", "arguments": {"path": "a.txt"}}'

CALLS: dict[str, list[tuple[str, list[tuple[str, dict[str, Any]]]]]] = {
    "DeepSeek V3.2 and V4, DSML": [
        (dsml("｜"), HEAD3),
        (dsml("|"), HEAD3),
        (dsml("||"), HEAD3),
        (dsml("｜｜"), HEAD3),
        (dsml("|", " "), HEAD3),
        (dsml("", " "), HEAD3),
        (dsml("｜", around="function_calls"), HEAD3),
        ("I will read it.\n\n" + dsml("｜"), HEAD3),
        (dsml("").replace("DSML", ""), HEAD3),
        (
            dsml("｜").replace('"head" string="false">3<', '"tags" string="false">["x", {"y": 1}]<'),
            [("read_text_file", {"path": "a.txt", "tags": ["x", {"y": 1}]})],
        ),
    ],
    "MiniMax M3": [
        (
            "I'll look." + m3("§<path>a.txt§</path>\n§<head>3§</head>"),
            [("read_text_file", {"path": "a.txt", "head": "3"})],
        ),
        (
            m3("§<id>7§</id>§<assignees>§<item>a§</item>§<item>b§</item>§</assignees>", "update_item"),
            [("update_item", {"id": "7", "assignees": ["a", "b"]})],
        ),
        (
            m3("§<id>7§</id>§<assignees>§<user>§<name>x§</name>§</user>§</assignees>", "update_item"),
            [("update_item", {"id": "7", "assignees": {"user": {"name": "x"}}})],
        ),
        (
            m3("§<path>a.md§</path>§<content><path>x</path>\n</invoke>§</content>", "write_file"),
            wrote("<path>x</path>\n</invoke>"),
        ),
        ('<tool_call>\n<invoke name="read_text_file">\n<path>a.txt</path>\n</invoke>\n</tool_call>', READ),
    ],
    "Gemma 4 and FunctionGemma": [
        ("call:read_text_file{path:a.txt}", READ),
        ('call:read_text_file(path="a.txt")', READ),
        ('<|tool_call>call:read_text_file{path:<|"|>a.txt<|"|>}<tool_call|>', READ),
        ('<|tool_call>call:read_text_file(path=<|"|>a.txt<|"|>)<tool_call|>', READ),
        ('<|tool_call>call:read_text_file{path:<|"a.txt"|>}<tool_call|>', READ),
        ('call:read_text_file{path:<|"|>a.txt<|"|>,head:3}', HEAD3),
        ("Let me read it.\ncall:read_text_file{path:'a.txt'}", READ),
        ('call:read_text_file{"path":"a.txt"}', READ),
        ("call:functions.read_text_file{path:a.txt}", READ),
        ("call:write_file{content:hello,path:a.md}", wrote("hello")),
        ("call:write_file{path:a.md,content:Hello, world: fine}", wrote("Hello, world: fine")),
        ("<start_function_call>call:read_text_file{path:<escape>a.txt<escape>}<end_function_call>", READ),
        (
            '<|tool_call>call:write_file{path:<|"|>a.md<|"|>,content:<|"|>{x}, "y": z}<|"|>}<tool_call|>',
            wrote('{x}, "y": z}'),
        ),
        ('<|tool_call>call:read_text_file{path:<|"|>a.txt"|>}<tool_call|>', READ),
        ('<|tool_call>call:read_text_file{path:<|"|>a.txt<|"}<tool_call|>', READ),
    ],
    "gpt-oss without its special tokens": [
        ('analysisWe need to read.assistantcommentary to=functions.read_text_file json{"path":"a.txt"}', READ),
        ('analysisNeed file.assistantcommentary to=functions.read_text_file code{"path":"a.txt"}', READ),
        ('analysisNeed file.assistantanalysis to=functions.read_text_file{"path":"a.txt"}', READ),
        ('commentary to=functions.read_text_file json{"path":"a.txt"}', READ),
        ('assistantcommentary to=functions.read_text_file json{"path":"a.txt"}', READ),
        ('analysis\nNeed it.\nassistant\ncommentary to=functions.read_text_file json\n{"path":"a.txt"}', READ),
        ('assistant to=functions.read_text_filecommentary json{"path":"a.txt"}', READ),
        ('assistantcommentary to=functions.read_text_file json<|message|>{"path":"a.txt"}<|call|>', READ),
        (
            '<|start|>assistant to=functions.read_text_file<|channel|>commentary json<|message|>{"path":"a.txt"}<|call|>',
            READ,
        ),
        ('<|channel|>commentary to=read_text_file<|constrain|>json<|message|>{"path":"a.txt"}', READ),
    ],
    "Seed-OSS, Nemotron, Qwen3-Coder": [
        (
            "<seed:tool_call>\n<function=read_text_file>\n<parameter=path>a.txt</parameter>\n</function>\n</seed:tool_call>",
            READ,
        ),
        ("<tool_call>\n<function=read_text_file>\n<parameter=path>\na.txt\n</parameter>\n</tool_call>", READ),
        ("<function=read_text_file>\n<parameter=path>\na.txt\n</parameter>\n</function>\n</tool_call>", READ),
        (
            "<think>I should read it.\n<tool_call>\n<function=read_text_file>\n<parameter=path>\na.txt\n</parameter>\n</function>\n</tool_call>",
            READ,
        ),
        (
            "<tool_call>\n<function=read_text_file>\n<parameter=path>\na.txt\n</parameter>\n</parameter>\n</function>\n</tool_call>",
            READ,
        ),
        ("<tool_call>\n<function=read_text_file>\n<parameter=path>\na.txt\n</path>\n</function>\n</tool_call>", READ),
        (
            "<tool_call>\n<function=read_text_file>\n<parameter=path>\na.txt\n</parameter>\n</invoke>\n</tool_call>",
            READ,
        ),
        (
            "<tool_call>\n<function=read_text_file>\n<parameter=path>\na.txt\n</parameter>\n</function>\n</function>\n</tool_call>\n</tool_call>",
            READ,
        ),
        (
            "<tool_call>\n<function=write_file>\n<parameter=path>\na.md\n</parameter>\n<parameter=content>\nhello\n</function>\n</tool_call>",
            wrote("hello"),
        ),
        (
            "<tool_call>\n<function=write_file>\n<parameter=path>\na.md\n<parameter=content>\nhello\n</parameter>\n</function>\n</tool_call>",
            wrote("hello"),
        ),
        (qwen("a.md", "Use </function> to close.\nDone."), wrote("Use </function> to close.\nDone.")),
        (qwen("a.md", "Use </function>"), wrote("Use </function>")),
        (qwen("a.md", "Use </parameter> to close.\nDone."), wrote("Use </parameter> to close.\nDone.")),
        (
            qwen("a.md", "Use </tool_call> and <parameter=x> inline."),
            wrote("Use </tool_call> and <parameter=x> inline."),
        ),
        (
            qwen("a.md", "Example:\n<tool_call>\n<function=x>\n</function>\n</tool_call>\nend"),
            wrote("Example:\n<tool_call>\n<function=x>\n</function>\n</tool_call>\nend"),
        ),
        (qwen("a.md", qwen("b", "c")), wrote(qwen("b", "c"))),
        (qwen("a.md", JSON), wrote(JSON)),
        (qwen("a.md", "Use </parameter>"), wrote("Use </parameter>")),
        (qwen("a.md", "</parameter></parameter>"), wrote("</parameter></parameter>")),
        (reads("a.txt\n", "b.txt\n</parameter>\n"), BOTH),  # the first one is not closed
        (reads("a.txt\n</parameter>\n", "b.txt\n"), BOTH),
        (reads("a.txt\n</parameter>\n</parameter>\n", "b.txt\n</parameter>\n"), BOTH),
        (reads("a.txt\n</parameter=path>\n").replace("</function>", "</function=read_text_file>"), READ),
    ],
    "MiniMax M2, Claude-like tunes, Step 3, Muse": [
        (
            '<minimax:tool_call>\n<invoke name="write_file">\n<parameter name="path">a.md</parameter>\n<parameter name="content"><parameter>\n  <hello></hello>\n</parameter></parameter>\n</invoke>\n</minimax:tool_call>',
            wrote("<parameter>\n  <hello></hello>\n</parameter>"),
        ),
        (
            '<invoke name="write_file">\n<parameter name="path">a.md</parameter>\n<parameter name="content">see </invoke> here</parameter>\n</invoke>',
            wrote("see </invoke> here"),
        ),
        (
            f'<minimax:tool_call>\n<invoke name="write_file">\n<parameter name="path">a.md</parameter>\n<parameter name="content"><tool_call>{JSON}</tool_call></parameter>\n</invoke>\n</minimax:tool_call>',
            wrote(f"<tool_call>{JSON}</tool_call>"),
        ),
        (
            '<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="read_text_file"><steptml:parameter name="path">a.txt</steptml:parameter></steptml:invoke><｜tool_call_end｜><｜tool_calls_end｜>',
            READ,
        ),
        (
            '<atem:function_calls>\n<atem:invoke name="read_text_file">\n<atem:parameter name="path">a.txt</atem:parameter>\n</atem:invoke>\n</atem:function_calls>',
            READ,
        ),
    ],
    "GLM-4.5 to 4.7 and Hunyuan": [
        ("<tool_call>read_text_file<arg_key>path</arg_key>a.txt</arg_value></tool_call>", READ),
        ("<tool_call>read_text_file<arg_key>path</arg_key><arg_value>a.txt</tool_call>", READ),
        ("<tool_call>read_text_file<arg_key>path<arg_value>a.txt</arg_value></tool_call>", READ),
        ("<tool_call>read_text_file\npath</arg_key>\n<arg_value>a.txt</arg_value>\n</tool_call>", READ),
        ("<tool_call>read_text_file\n<arg_key>path</arg_key>\n<arg_value>a.txt</arg_value>\n", READ),
        ("<tool_call>read_text_file<arg_key>path</arg_key><arg_value>a.txt</arg_key></tool_call>", READ),
        ("read_text_file<arg_key>path</arg_key><arg_value>a.txt</arg_value></tool_call>", READ),
        (
            "read_text_file<arg_key>path</arg_key><arg_value>a.txt</arg_value></tool_call><tool_call>read_text_file<arg_key>path</arg_key><arg_value>b.txt</arg_value></tool_call>",
            BOTH,
        ),
        (
            "<tool_call>write_file<arg_key>path</arg_key><arg_value>a.md</arg_value><arg_key>content</arg_key><arg_value>use </tool_call> or <arg_value>x</arg_value> y</arg_value></tool_call>",
            wrote("use </tool_call> or <arg_value>x</arg_value> y"),
        ),
        (
            "<tool_call:opensource>read_text_file<tool_sep:opensource>\n<arg_key:opensource>path</arg_key:opensource>\n<arg_value:opensource>a.txt</arg_value:opensource>\n</tool_call:opensource>",
            READ,
        ),
    ],
    "Kimi K2 and K3": [
        ('functions.read_text_file:0{"path": "a.txt"}', READ),
        ('functions.read_text_file:0 {"path": "a.txt"}', READ),
        ('read_text_file:0{"path": "a.txt"}', READ),
        ('functions.read_text_file:0{"path": "a.txt"}functions.read_text_file:1{"path": "b.txt"}', BOTH),
        (
            '<|tool_calls_section_begin|><|tool_call_begin|>functions.read_text_file:0<|tool_call_argument_begin|>{"path": "a.txt"}<|tool_call_end|><|tool_calls_section_end|>',
            READ,
        ),
        ('<|tool_call_begin|>functions.read_text_file:0{"path": "a.txt"}<|tool_call_end|>', READ),
        (
            '<|tool_call_section_begin|><|tool_call_begin|>functions.read_text_file:0<|tool_call_argument_begin|>{"path": "a.txt"}<|tool_call_end|><|tool_call_section_end|>',
            READ,
        ),
        (
            '<|open|>tools<|sep|><|open|>call tool="read_text_file" index="1"<|sep|><|open|>argument key="path" type="string"<|sep|>a.txt<|close|>argument<|sep|><|open|>argument key="head" type="number"<|sep|>3<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>',
            HEAD3,
        ),
    ],
    "Apertus, Command A, OLMo 3, Solar, MiniCPM, Phi-4, InternLM, LongCat, GigaChat": [
        ('<|tools_prefix|>[{"read_text_file": {"path": "a.txt"}}]<|tools_suffix|>', READ),
        ('[{"read_text_file": {"path": "a.txt"}}]', READ),
        (
            '<|START_ACTION|>[\n    {"tool_call_id": "0", "tool_name": "read_text_file", "parameters": {"path": "a.txt"}}\n]<|END_ACTION|>',
            READ,
        ),
        ('[{"tool_call_id": "0", "tool_name": "read_text_file", "parameters": {"path": "a.txt"}}]', READ),
        (
            'Action: ```json\n[\n    {\n        "tool_name": "read_text_file",\n        "parameters": {"path": "a.txt"}\n    }\n]\n```',
            READ,
        ),
        ('<function_calls>\nread_text_file(path="a.txt")\nread_text_file(path="b.txt")\n</function_calls>', BOTH),
        ('<function_calls>read_text_file(path="a.txt")</function_calls>', READ),
        ('read_text_file(path="a.txt")', READ),
        (
            "<|tool_call:start|>read_text_file\n<|tool_arg:start|>path<|tool_arg:value|>a.txt<|tool_arg:end|>\n<|tool_call:end|>",
            READ,
        ),
        ('<function name="read_text_file"><param name="path">a.txt</param></function>', READ),
        (
            '<function name="write_file"><param name="path">a.md</param><param name="content"><![CDATA[x\n<y>]]></param></function>',
            wrote("x\n<y>"),
        ),
        (f"functools[{JSON}]", READ),
        ('<|action_start|><|plugin|>\n{"name": "read_text_file", "parameters": {"path": "a.txt"}}<|action_end|>', READ),
        (f"<longcat_tool_call>\n{JSON}\n</longcat_tool_call>", READ),
        (f"<|function_call|>{JSON}", READ),
        (f"<|content_invoke_tool_json|>{JSON}<|end_message|>", READ),
        (f"[unused11][{JSON}][unused12]", READ),
        (
            (
                "<longcat_tool_call>functions.read_text_file\n<longcat_arg_key>path</longcat_arg_key>\n"
                "<longcat_arg_value>a.txt</longcat_arg_value>\n</longcat_tool_call>"
            ),
            READ,
        ),
        (
            "<longcat_tool_call>read_text_file\n<longcat_arg_key>path</longcat_arg_key>\n<longcat_arg_value>a.txt</longcat_arg_value>",
            READ,
        ),
        (
            (
                "<longcat_tool_call>write_file\n<longcat_arg_key>path</longcat_arg_key>\n<longcat_arg_value>a.md</longcat_arg_value>\n"
                "<longcat_arg_key>content</longcat_arg_key>\n<longcat_arg_value>x </longcat_tool_call> y</longcat_arg_value>\n</longcat_tool_call>"
            ),
            wrote("x </longcat_tool_call> y"),
        ),
        (
            (
                '<|tool_calls|><|tool_call:begin|>b46<|tool_call:name|>read_text_file<|tool_call:args|>{"path": "a.txt"}<|tool_call:end|>'
                '<|tool_call:begin|>b47<|tool_call:name|>read_text_file<|tool_call:args|>{"path": "b.txt"}<|tool_call:end|><|calls|>'
            ),
            BOTH,
        ),
        ('<|tool_call:begin|>0<|tool_call:name|>read_text_file<|tool_call:args|>{"path": "a.txt"}', READ),
    ],
    "tags named after the tool, Cline, MiroThinker": [
        ("<read_text_file>\n<path>a.txt</path>\n</read_text_file>", READ),
        ('<read_text_file path="a.txt"/>', READ),
        ('<read_text_file>{"path": "a.txt"}</read_text_file>', READ),
        ("I will read it.\n<read_text_file>\n<path>a.txt</path>\n</read_text_file>", READ),
        (
            "<write_file>\n<path>a.md</path>\n<content>\n<path>x</path>\n</content>\n</write_file>",
            wrote("<path>x</path>"),
        ),
        (
            '<use_mcp_tool>\n<server_name>s</server_name>\n<tool_name>read_text_file</tool_name>\n<arguments>\n{"path": "a.txt"}\n</arguments>\n</use_mcp_tool>',
            READ,
        ),
        ('<tool_call><name>read_text_file</name><arguments>{"path": "a.txt"}</arguments></tool_call>', READ),
    ],
    "LFM 2 and 2.5": [
        (
            lfm("[write_file(path='a.md', content='cat > f.py << EOF\nprint(1)\nEOF\n')]"),
            wrote("cat > f.py << EOF\nprint(1)\nEOF\n"),
        ),
        (lfm("[write_file(path='a.md', content='print('x')\nfoo('a', b)\n')]"), wrote("print('x')\nfoo('a', b)\n")),
        (lfm('[update_item(id="7", assignees=(800, -600))]'), [("update_item", {"id": "7", "assignees": [800, -600]})]),
        (lfm("[update_item(id='7', from=3)]"), [("update_item", {"id": "7", "from": 3})]),
        (lfm("[update-item(id='7')]"), [("update_item", {"id": "7"})]),
        (lfm("[write_file(path='a.md', content='it's fine')]"), wrote("it's fine")),
        (lfm("[read_text_file(path=\"a.txt\"), read_text_file(path='b.txt')]"), BOTH),
        (lfm("[write_file(path='a.md', content='''x\ny''')]"), wrote("x\ny")),
        ("[write_file(path='a.md', content='line 1\nline 2\n')]", wrote("line 1\nline 2\n")),
        (lfm(f"[{JSON}]"), READ),
        (
            '<|tool_call_start|>[update_item(id="7", assignees={800, 600})]<|tool_call_end|>',
            [("update_item", {"id": "7", "assignees": [800, 600]})],
        ),
    ],
    "Hermes and JSON, nearly": [
        ('<tool_call>\n{"name": "read_text_file", "arguments": {"path": "a.txt"}\n</tool_call>', READ),
        (f"<tool_call>\n{JSON}}}\n</tool_call>", READ),
        (f"<tool_call>{JSON}<|im_end|>", READ),
        (f"<tool_call>{JSON}</tool_call><|im_end|>\n<|im_start|>user\nThanks!", READ),
        ('<tool_call>read_text_file\n{"path": "a.txt"}\n</tool_call>', READ),
        ('<tool_call name="read_text_file">{"path": "a.txt"}</tool_call>', READ),
        (
            '<tool_call>\n{"name": "write_file", "arguments": {"path": "a.md", "content": "<tool_call>x</tool_call>"}}\n</tool_call>',
            wrote("<tool_call>x</tool_call>"),
        ),
        ('{"name": "functions.read_text_file", "arguments": {"path": "a.txt"}}', READ),
        ('{"tool_calls": [{"function": {"name": "read_text_file", "arguments": "{\\"path\\": \\"a.txt\\"}"}}]}', READ),
        ('[TOOL_CALLS]read_text_file{"path": "a.txt"}', READ),
        ('read_text_file{"path": "a.txt"}', READ),
        (f"{JSON}\n</tool_call>\n<tool_call>\n{JSON.replace('a.txt', 'b.txt')}\n</tool_call>", BOTH),
        (f"<response>\n{JSON}\n</response>", READ),
        (f"<|start_header_id|>assistant<|end_header_id|>\n\n{JSON}", READ),
        ('<|python_start|>[read_text_file(path="a.txt")]<|python_end|>', READ),  # Llama 4
        ('✿FUNCTION✿: read_text_file\n✿ARGS✿: {"path": "a.txt"}\n✿RESULT✿', READ),
        ('functionread_text_file\n```json\n{"path": "a.txt"}\n```', READ),
        ("<tool_code>\nread_text_file(path='a.txt')\n</tool_code>", READ),
        *[
            (f'<tool_call>\n{{"name": "read_text_file", "arguments": {{"path": "a.txt"}}}}\n{end}', READ)
            for end in ("<tool_call>", "</tool_call", "<\\tool_call>", "</tools>", "<tool_call")
        ],
        (
            "<tool_call>\n<function=read_text_file>\n<parameter=path>\na.txt\n</parameter>\n</function>\n<tool_call>",
            READ,
        ),
    ],
}
"""By family: a reply, and the calls that it makes."""

NO_ANSWERS = [
    "<tool_call>",
    "<tool_call>\n</tool_call>",
    '{"name": "list_workbooks", "arguments": {"path": "x"}}',
    '[{"name": "list_workbooks", "arguments": {"path": "x"}}]',
    '```json\n{"name": "search_web", "arguments": {"q": "cats"}}\n```',
    'Sure!\n{"name": "search_web", "arguments": {"q": "cats"}}',
    'I will search the web now.\n\n{"name": "search_web", "arguments": {"q": "cats"}}',
    '{"action": "search_web", "action_input": {"q": "x"}}',
    '{"name": "read_text_file", "arguments": {"path": a.txt}}',
    '{"name": "read_text_file", "arguments": {"path": "a.t',
    '{"name": "read_text_file", "arguments": ["a.txt"]}',
    '{"tool": "read_text_file", "path": "a.txt"}',
    'I need to call {"name": "read_text_file", "arguments": {"path": "a.txt"}}',
    f"{JSON}\n\nThe file contains hello.",
    f"<tool_call>\n{JSON}\n</tool_call>\n\nThe file contains the word hello, and 3 lines.",
    '<tool_call>{"name": "search_web", "arguments": {"q": "cats"}',
    '<<TOOL>> read_text_file {"path": "a.txt"} <<END>>',
    "@@call read_text_file(path=a.txt)@@",
    "[FUNCTION] read_text_file(path=a.txt) [/FUNCTION]",
    '<call_tool name="read_text_file">path=a.txt</call_tool>',
    "<tool_call>\n<function=write_file>\n<parameter=path>\na\n</parameter>\n<parameter=content>\nUse </function></function>\n</tool_call>",
    "<tool_call>\n<function=write_file>\n<parameter=path>\na\n</parameter>\n<parameter=content>\nHello, this never en",
    "<parameter=path>\na.txt\n</parameter>\n</function>\n</tool_call>",
    "<arg_key>path</arg_key><arg_value>a.txt</arg_value></tool_call>",
    lfm("read_text_file path=a.txt"),
    'commentary to=functions.read_text_file json{"path": "a.t',
    "call:write_file{content:Hello\nline, b: x\n,path:a",
    "<read_text_file>\n<path>a.txt",
    "read_text_file(path=a.txt)",
    'Tool: read_text_file\nArguments: {"path": "a.txt"}',
    'Function call: read_text_file({"path": "a.txt"})',
    'Calling tool: read_text_file with arguments {"path": "a.txt"}',
    '**read_text_file**\n```json\n{"path": "a.txt"}\n```',
]
"""Replies with the shape of a call that cannot be carried out."""

ANSWERS = [
    "The file holds one line.",
    'I called read_text_file with {"path": "a.txt"} and it says hello.',
    f"The log's last line is:\n\n```json\n{JSON}\n```\n\nand nothing came after it.",
    f"A call is written as `{JSON}` in this dialect.",
    f"For example:\n\n```json\n{JSON}\n```",
    f"<example>\n{JSON}\n</example>",
    "Close the tag with `</function>`.",
    '{"name": "Alice", "age": 7}',
    '{"name": "demo", "version": "1.0", "dependencies": {"left-pad": "1"}}',
    "The class is called read_text_file (it reads a text file).",
    "| tool | calls |\n|---|---|\n| read_text_file | 2 |",
    "I used read_text_file (twice) and write_file (once).",
    "```html\n<div><p>x</p></div>\n```",
    "```python\nprint(open('a.txt').read())\n```",
    'The configuration is:\n\n```json\n{"name": "backup", "parameters": {"interval": 5}}\n```',
    "Use <b>bold</b> for the function name.",
    "The final analysis: the assistant commentary was helpful.",
    "Finally, the assistant wrote the final report.",
]
"""Replies that only talk."""
