"""What generated code may call: the workspace's files, search in them, and confined commands."""
