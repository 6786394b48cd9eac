"""One topic of the help, over the conversation."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from codemode_tui.help.topics import Topic
from codemode_tui.tui.document import SafeMarkdown
from codemode_tui.tui.page import Page


class TopicScreen(Page):
    DEFAULT_CSS = """
    TopicScreen > VerticalScroll { width: 110; }
    TopicScreen SafeMarkdown { background: $surface; }
    """

    def __init__(self, topic: Topic) -> None:
        super().__init__(topic.name, Content(topic.text))
        self.topic = topic

    def body(self) -> Widget:
        return SafeMarkdown(self.topic.text.partition("\n")[2])  # its title is that of the frame
