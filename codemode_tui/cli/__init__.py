"""The `codemode` commands, one small file each."""
