"""What a server's tool returned, as the JSON value that the code gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codemode_tui.sandbox.sanitise import one_line

if TYPE_CHECKING:
    from mcp_types import CallToolResult, ContentBlock

_MESSAGE = 2000


def value_of(result: CallToolResult, wrapped: bool) -> Any:  # noqa: ANN401 - a JSON value
    """Structured content as it is (without the wrapper of what is no object); else the content.

    Content of text alone is one text; a picture, a sound or a resource is a dict with its ``type``; several
    kinds are a list.

    Raises:
        RuntimeError: the tool says that it failed, in the server's words.
    """
    blocks = [_block(one) for one in result.content]
    if result.is_error:
        said = "\n".join(one if isinstance(one, str) else f"[{one['type']}]" for one in blocks)
        raise RuntimeError(said[:_MESSAGE].strip() or "the tool failed and did not say why")
    if (structured := result.structured_content) is not None:
        only = isinstance(structured, dict) and list(structured) == ["result"]
        return structured["result"] if wrapped and only else structured
    if all(isinstance(one, str) for one in blocks):
        return "\n".join(blocks)
    return blocks[0] if len(blocks) == 1 else blocks


def _block(block: ContentBlock) -> Any:  # noqa: ANN401 - a JSON value
    if block.type == "text":
        return block.text
    if block.type in ("image", "audio"):
        return {"type": block.type, "mime_type": block.mime_type, "data": block.data}
    if block.type == "resource":
        held = block.resource
        text = getattr(held, "text", None)
        value = {"data": getattr(held, "blob", "")} if text is None else {"text": text}
        return {"type": "resource", "uri": str(held.uri), "mime_type": held.mime_type, **value}
    return {"type": block.type, "uri": str(block.uri), "name": block.name, "description": block.description}


def said_of(error: BaseException) -> str:
    """An error of the protocol or the transport on one line, whatever it is wrapped in."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return one_line(str(error), 300) or type(error).__name__
