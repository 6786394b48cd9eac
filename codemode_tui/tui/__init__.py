"""The terminal interface, drawn with Textual."""

import os

# A key that comes just after a repaint waits for the next two ticks of Textual's clock: 33 ms at its 60 a second. What
# is drawn often is paced by ourselves; the variable is read when Textual is imported.
os.environ.setdefault("TEXTUAL_FPS", "200")
