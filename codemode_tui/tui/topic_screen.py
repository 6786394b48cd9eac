"""One topic of the help, over the conversation."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Markdown

from codemode_tui.help.topics import Topic
from codemode_tui.tui.page import Page


class TopicScreen(Page):
    DEFAULT_CSS = """
    TopicScreen > VerticalScroll { width: 110; }
    TopicScreen Markdown { background: $surface; padding: 0; }
    """

    def __init__(self, topic: Topic) -> None:
        super().__init__(topic.name, Content(topic.text))
        self.topic = topic

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = Content(self.heading)
            box.border_subtitle = Content("esc closes · ↑ ↓ scroll")
            yield Markdown(self.topic.text, open_links=False)
