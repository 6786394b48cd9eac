"""What the code may call: workspace files, search, run_command. All effects happen here, on the host."""
