"""The Textual front end: shows the stream of events, posts replies."""
