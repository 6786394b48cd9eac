"""What cannot be done here, and what is not known: one honest short answer, and the reason."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.phrasing import shape

NO_NETWORK = "I have no network"
CANNOT: dict[str, tuple[int, str]] = {
    "weather": (4, f"I cannot know the weather: {NO_NETWORK}."),
    "news": (4, f"I do not know the news: {NO_NETWORK}."),
    "sport": (2, f"I do not know sports results: {NO_NETWORK} and cannot look on the web."),
    "booking": (4, f"I cannot book anything: {NO_NETWORK}."),
    "buying": (4, f"I cannot order or pay anything: {NO_NETWORK}."),
    "sending": (5, f"I cannot send or read email or other messages: {NO_NETWORK}."),
    "calling": (4, "I cannot call anyone: I have no phone and no network."),
    "calendar": (4, "I cannot do that: I have no calendar and no clock that rings."),
    "web": (5, f"I cannot look that up on the web: {NO_NETWORK}."),
    "prices": (4, f"I do not know prices: {NO_NETWORK} to look them up."),
    "music": (3, "I cannot play or make sound: I only work with text files and code."),
    "pictures": (3, "I cannot make or see pictures: I only work with text files and code."),
    "translation": (4, "I cannot translate: I am a very small model that knows English only."),
    "creation": (4, "I cannot write that: I am a very small model. I am good with files and short code."),
    "opinion": (3, "I have no opinion on that: I am a very small model for files and Python."),
    "medicine": (3, "I cannot give medical advice. Please ask a doctor."),
    "law": (3, "I cannot give legal advice. Please ask a lawyer."),
    "personal": (3, "I do not know personal things: I only see the files in this workspace."),
    "time zones": (2, f"I do not know the time there: {NO_NETWORK}."),
    "route": (3, "I do not know the way or the place: I have no map and no network."),
    "devices": (3, "I cannot do that: I have no hands and control no devices. I only work with files here."),
    "install": (3, "I cannot do that: my code runs in a sandbox without network and changes only this workspace."),
}
"""Section of the phrasings (after "no "), weight and answer."""
UNKNOWN = "I do not know that. I am a very small model: I know files, Python and a little computing."


def refusal(c: Chat) -> None:
    """Something for which there is no tool."""
    r = c.r
    kinds = list(CANNOT)
    kind = r.choices(kinds, [weight for weight, _ in CANNOT.values()])[0]
    way, _, phrase = choose(r, f"no {kind}", held=c.held).partition(": ")
    section = f"refusal {way}"
    text = shape(r, choose(r, section, held=c.held).replace("{x}", phrase), section, held=c.held)
    c.user(text.replace("{w}", names.word(r)))
    c.say(CANNOT[kind][1])


def unknown(c: Chat) -> None:
    """History, cooking, people, made-up words."""
    text = shape(c.r, choose(c.r, "unknown", held=c.held), "unknown", held=c.held)
    c.user(text.replace("{s}", names.scramble(c.r)))
    c.say(UNKNOWN)
