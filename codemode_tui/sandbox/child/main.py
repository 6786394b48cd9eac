"""Started inside the sandbox as ``python -I -S -B main.py FD``. The program is imported: so its bytecode is used."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from program import main

main()
