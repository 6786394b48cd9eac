"""The one typed table of settings: names, types, limits and what each means (`codemode config schema`)."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from codemode_tui import locations

MOST_TOKENS = 1 << 31


class ModelSettings(msgspec.Struct, frozen=True):
    default: Annotated[
        str | None,
        Meta(
            description="Model to start with: `bundled`, a folder, a repository of the local cache, or a server "
            "(`openai:URL#MODEL`)."
        ),
    ] = None
    profile: Annotated[
        str | None,
        Meta(description="How the model was trained: a profile name. Unset: guessed from the model."),
    ] = None

    def profile_for(self, named: str | None) -> str | None:
        """The profile that is set, unless another model than the one that it is set for is ``named`` outright."""
        return self.profile if named is None or same_model(named, self.default) else None


def same_model(one: str | None, other: str | None) -> bool:
    """Whether both name one model: a folder can be spelled in many ways, and None is the one that ships."""
    return real_path(one) == real_path(other)


def real_path(name: str | None) -> str:
    """The folder that the name of a model would be the path of, whether there is one or not."""
    if name in (None, "", "bundled"):
        return os.path.realpath(locations.bundled_model())
    assert name is not None
    try:
        return os.path.realpath(os.path.expanduser(name))
    except (OSError, ValueError):  # the current folder is gone, a NUL in the name
        return name


class EngineSettings(msgspec.Struct, frozen=True):
    context_limit: Annotated[
        int,
        Meta(
            ge=0,
            le=MOST_TOKENS,
            description="Hard cap on tokens of a conversation; 0 takes the model's own limit, or what memory holds.",
        ),
    ] = 0
    at_limit: Annotated[
        Literal["drop", "stop"],
        Meta(
            description="When a conversation no longer fits: `drop` leaves its oldest turns out, and says how many; "
            "`stop` says that it is full."
        ),
    ] = "drop"
    kv_bits: Annotated[
        Literal[0, 4, 8],
        Meta(
            description="Bits of the KV cache: 8 or 4 make it smaller and a little less exact; 0: as the model has it."
        ),
    ] = 0
    saved_cache_mb: Annotated[
        int,
        Meta(
            ge=0,
            le=1 << 30,
            description="Disk for saved KV caches, in MB: with its own a session goes on without reading it all again. "
            "The oldest go first; 0 keeps none.",
        ),
    ] = 4096
    memory_guard: Annotated[
        bool,
        Meta(
            description="Refuse to load a model that does not fit into this machine's memory. "
            "`--no-memory-guard` turns it off for one command."
        ),
    ] = True
    wired: Annotated[
        bool,
        Meta(
            description="Keep a model's memory wired while it is loaded (macOS). It may answer sooner after a pause; "
            "kernel panics were seen with it."
        ),
    ] = False
    shared: Annotated[
        bool,
        Meta(
            description="One engine for all of your terminals and `ask`: the model is loaded once. "
            "`CODEMODE_ENGINE=private` in the environment turns it off for one program."
        ),
    ] = True
    linger_minutes: Annotated[
        float,
        Meta(ge=0, le=10_080, description="How long a shared engine stays after its last client; 0 ends it at once."),
    ] = 3.0
    idle_unload_minutes: Annotated[
        float,
        Meta(
            ge=0,
            le=10_080,
            description="Give the model's memory back after so long without a question; the next one loads it again. "
            "0: never.",
        ),
    ] = 60.0
    grammar: Annotated[
        bool,
        Meta(
            description="Let the model draw only prose and whole calls of its dialect: none can be malformed. Needs "
            "the extra `grammar`; a model at a server is not bound by it."
        ),
    ] = False
    api_key_env: Annotated[
        str,
        Meta(
            description="Name of the environment variable that holds the key for a server (`openai:URL`). Unset: "
            "CODEMODE_API_KEY, else OPENAI_API_KEY. The key itself is never stored."
        ),
    ] = ""
    server_api: Annotated[
        Literal["auto", "completions", "chat"],
        Meta(
            description="How a server is asked: `completions` sends the prompt as the model was trained on it, `chat` "
            "leaves that to the server, `auto` takes the first one that it offers."
        ),
    ] = "auto"
    server_timeout: Annotated[
        float, Meta(gt=0, le=86_400, description="Seconds that a server may be silent before the turn fails.")
    ] = 300.0


class SamplingSettings(msgspec.Struct, frozen=True):
    temp: Annotated[float, Meta(ge=0, le=5, description="0 always takes the likeliest token.")] = 0.0
    top_p: Annotated[float, Meta(gt=0, le=1, description="Keep the smallest set of tokens with this probability.")] = (
        1.0
    )
    top_k: Annotated[int, Meta(ge=0, le=MOST_TOKENS, description="Keep this many tokens; 0 keeps all.")] = 0
    min_p: Annotated[float, Meta(ge=0, le=1, description="Drop tokens below this share of the likeliest one.")] = 0.0
    repetition_penalty: Annotated[float, Meta(ge=1, le=2, description="1 does nothing.")] = 1.0
    max_tokens: Annotated[
        int, Meta(ge=1, le=MOST_TOKENS, description="Longest message the model may write, in tokens.")
    ] = 2048
    seed: Annotated[
        Annotated[int, Meta(ge=0, le=(1 << 63) - 1)] | None, Meta(description="Makes sampling repeatable.")
    ] = None


class SandboxSettings(msgspec.Struct, frozen=True):
    backend: Annotated[
        Literal["auto", "bwrap", "landlock", "seatbelt", "monty"],
        Meta(description="Which sandbox to use; `auto` takes the strongest this machine has."),
    ] = "auto"
    timeout: Annotated[
        float,
        Meta(gt=0, le=86_400, description="Seconds of execution; waiting for a tool or an approval does not count."),
    ] = 60.0
    memory_mb: Annotated[int, Meta(ge=64, le=1 << 20, description="Memory of the code process, in MB.")] = 512
    packages: Annotated[
        str | None,
        Meta(description="Folder of a Python environment whose packages code may import, read-only. Unset: none."),
    ] = None


class ToolSettings(msgspec.Struct, frozen=True):
    max_steps: Annotated[int, Meta(ge=1, le=32, description="How often the model may call in one turn.")] = 8
    retries: Annotated[int, Meta(ge=0, le=10, description="How often it may try again after code that failed.")] = 2


class FeedbackSettings(msgspec.Struct, frozen=True):
    tries: Annotated[
        int, Meta(ge=1, le=16, description="How often the model tries again when a turn is corrected by a retry.")
    ] = 3


class ExportSettings(msgspec.Struct, frozen=True):
    max_seq_length: Annotated[
        Annotated[int, Meta(ge=2, le=MOST_TOKENS)] | None,
        Meta(description="Longest row in tokens; give the trainer the same. Unset: what mlx_lm reads, or less if the "
             "model does."),
    ] = None  # fmt: skip


Policy = Literal["ask", "allow", "deny"]


class McpServer(msgspec.Struct, frozen=True):
    """``[mcp.servers.NAME]``: a program (``command``) or an address (``url``)."""

    command: Annotated[
        str,
        Meta(
            description="Program that speaks MCP over stdio. It runs as you, OUTSIDE the sandbox: trust it or leave it."
        ),
    ] = ""
    args: Annotated[tuple[str, ...], Meta(description="Its arguments.")] = ()
    env: Annotated[
        dict[str, str],
        Meta(description="All that it gets besides PATH, HOME and LANG; `${NAME}` takes a variable of yours."),
    ] = {}
    cwd: Annotated[str, Meta(description="Its folder; unset: an empty one, never the workspace.")] = ""
    url: Annotated[str, Meta(description="Address of a server that speaks streamable HTTP.")] = ""
    headers: Annotated[dict[str, str], Meta(description="Sent with every request; `${NAME}` as in env.")] = {}
    enabled: bool = True
    policy: Annotated[
        Policy, Meta(description="For its tools: `ask` before each call, `allow` calls, or `deny` them.")
    ] = "ask"
    tools: Annotated[dict[str, Policy], Meta(description="The policy of single tools, by the server's own names.")] = {}
    start_seconds: Annotated[float, Meta(gt=0, le=600, description="How long it may take to start.")] = 15.0
    call_seconds: Annotated[float, Meta(gt=0, le=3600, description="How long one call may take.")] = 60.0

    def policy_of(self, tool: str) -> Policy:
        return self.tools.get(tool, self.policy)


class McpSettings(msgspec.Struct, frozen=True):
    servers: Annotated[dict[str, McpServer], Meta(description="MCP servers by name; needs the extra `mcp`.")] = {}


class UiSettings(msgspec.Struct, frozen=True):
    theme: Annotated[
        str | None,
        Meta(description="Name of a theme; unset, codemode-dark, or codemode-ansi on a terminal of sixteen colours."),
    ] = None
    reduced_motion: Annotated[bool, Meta(description="No animation.")] = False


class ReplSettings(msgspec.Struct, frozen=True):
    keys: Annotated[Literal["emacs", "vi"], Meta(description="How lines are edited in `codemode repl`.")] = "emacs"
    theme: Annotated[
        str,
        Meta(description="Its theme; it stands on the terminal's own background, so by default in its own colours."),
    ] = "codemode-ansi"


class Settings(msgspec.Struct, frozen=True):
    """All settings. ``codemode config schema`` prints their types and meaning."""

    model: ModelSettings = ModelSettings()
    engine: EngineSettings = EngineSettings()
    sampling: SamplingSettings = SamplingSettings()
    sandbox: SandboxSettings = SandboxSettings()
    tools: ToolSettings = ToolSettings()
    feedback: FeedbackSettings = FeedbackSettings()
    export: ExportSettings = ExportSettings()
    mcp: McpSettings = McpSettings()
    ui: UiSettings = UiSettings()
    repl: ReplSettings = ReplSettings()
    keys: Annotated[dict[str, str], Meta(description="Key map: id of an action = keys, separated by commas.")] = {}
