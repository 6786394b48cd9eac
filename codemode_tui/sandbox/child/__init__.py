"""What runs inside the sandbox. Standard library only; nothing here is policy: the host trusts none of it."""
