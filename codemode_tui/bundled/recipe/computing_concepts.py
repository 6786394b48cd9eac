"""What the model knows of programming at large: formats, git, tests, data structures, its own kind."""

from __future__ import annotations

NOUNS: list[tuple[str, str]] = [
    ("an API|APIs", "An API is the set of calls that a program offers to other programs."),
    (
        "REST|a REST API",
        "REST is a style of web API: resources have addresses, and GET, POST, PUT and DELETE act on them.",
    ),
    (
        "JSON|the JSON format",
        "JSON is a text format for data: objects, lists, strings, numbers, true, false and null.",
    ),
    (
        "CSV|the CSV format|a csv file",
        "CSV is a text format for tables: one row a line, values separated by commas.",
    ),
    ("TOML|the TOML format", "TOML is a text format for settings: key = value lines, grouped in [sections]."),
    ("YAML|the YAML format", "YAML is a text format for data that uses indentation instead of braces."),
    ("XML|the XML format", "XML is a text format that puts data between tags, such as <name>Ann</name>."),
    ("HTML", "HTML describes the content of a web page with tags such as <p> and <a>."),
    ("SQL", "SQL is the language for asking a relational database, such as SELECT name FROM users."),
    ("an ORM|ORMs", "An ORM maps database tables to classes, so that you work with objects instead of SQL."),
    ("a database|databases", "A database stores data so that it can be searched and changed safely."),
    (
        "an index|a database index",
        "An index makes look-ups in a database fast, at the price of space and slower writes.",
    ),
    (
        "git",
        "git keeps the history of a project. You record changes with commits and share them with push and pull.",
    ),
    (
        "a commit|a git commit|commits",
        "A commit is a recorded state of a project, with a message that says why.",
    ),
    (
        "a branch|a git branch|branches",
        "A branch is a line of work in git. You can change it without touching the others and merge it later.",
    ),
    (
        "a merge conflict|merge conflicts",
        "A merge conflict is when two branches changed the same lines. You choose what stays and commit.",
    ),
    (
        "a rebase|rebase|git rebase",
        "A rebase puts your commits on top of another branch, so that history stays a straight line.",
    ),
    ("a pull request|pull requests", "A pull request asks others to review and merge your branch."),
    ("a unit test|unit tests|unit testing", "A unit test checks one small piece of code on its own."),
    (
        "pytest",
        "pytest is a test tool for Python. It runs functions whose names start with test_ and shows which assertions fail.",
    ),
    (
        "a fixture|pytest fixtures|a pytest fixture",
        "A fixture prepares what a test needs and cleans up after it. A test asks for it by parameter name.",
    ),
    ("a mock|mocking|mocks", "A mock stands in for a real object in a test and records how it was called."),
    ("refactoring", "Refactoring means changing how code is written without changing what it does."),
    (
        "dependency injection",
        "Dependency injection means that an object is given what it needs instead of making it itself.",
    ),
    (
        "a design pattern|design patterns",
        "A design pattern is a proven way to solve a common design problem.",
    ),
    ("a singleton|the singleton pattern", "A singleton is a class with only one instance."),
    (
        "a linter|linters|linting",
        "A linter reads code and points out mistakes and bad style without running it.",
    ),
    (
        "a compiler|compilers",
        "A compiler translates a program into another language, usually machine code, before it runs.",
    ),
    ("an interpreter|interpreters", "An interpreter runs a program directly, statement by statement."),
    (
        "bytecode|Python bytecode",
        "Bytecode is the compact form that Python compiles source into and then runs.",
    ),
    (
        "garbage collection|the garbage collector",
        "Garbage collection frees memory that nothing refers to any more.",
    ),
    ("an algorithm|algorithms", "An algorithm is a step-by-step way to solve a problem."),
    (
        "big O notation|big O|time complexity",
        "Big O says how the work grows with the input: O(n) grows in step with it, O(n**2) with its square.",
    ),
    (
        "binary search|a binary search",
        "Binary search finds a value in a sorted list by halving the range again and again, in O(log n) steps.",
    ),
    (
        "a hash table|hash tables|a hash map",
        "A hash table finds a value by the hash of its key, on average in constant time. A Python dict is one.",
    ),
    ("a stack|stacks", "A stack gives back last what was put in first: last in, first out."),
    ("a queue|queues", "A queue gives back first what was put in first: first in, first out."),
    ("a linked list|linked lists", "A linked list is a chain of nodes, each pointing to the next."),
    (
        "a tree|a binary tree|binary trees",
        "A tree is a structure of nodes with children. In a binary tree each has at most two.",
    ),
    ("a graph|graphs", "A graph is a set of nodes joined by edges."),
    (
        "a regular expression|regex|regular expressions",
        "A regular expression describes a pattern of text, such as \\d+ for one or more digits.",
    ),
    (
        "an environment variable|environment variables",
        "An environment variable is a named text value that a process gets from the one that started it.",
    ),
    (
        "Unicode|utf-8|UTF-8",
        "Unicode gives every character a number. UTF-8 stores those numbers in one to four bytes.",
    ),
    ("a shell|the shell|bash", "A shell is a program that reads commands and runs them."),
    (
        "Docker|a container|containers",
        "A container packs a program with everything it needs. Docker builds and runs containers.",
    ),
    (
        "a loop|loops|a for loop",
        "A loop repeats code. for goes through a collection; while goes on as long as a condition holds.",
    ),
    ("a while loop|while loops|while", "A while loop repeats its body as long as its condition is true."),
    ("a variable|variables", "A variable is a name for a value."),
    (
        "a function|functions|a Python function",
        "A function is a named piece of code that takes arguments and can return a value. You define it with def.",
    ),
    ("PEP 8|pep8", "PEP 8 is the style guide for Python code: four spaces, short lines, snake_case names."),
    (
        "Python",
        "Python is a programming language that is easy to read and used for scripts, web services and data.",
    ),
    (
        "a sandbox|sandboxing",
        "A sandbox runs code where it can do no harm: no network, and only the files it was given.",
    ),
    (
        "a language model|an LLM|LLMs",
        "A language model predicts the next piece of text. I am a very small one.",
    ),
    ("a token|tokens", "A token is a piece of text that a language model reads or writes at once."),
    ("LoRA|a LoRA adapter", "LoRA trains a small addition to a model's weights instead of all of them."),
    (
        "quantization|quantisation",
        "Quantization stores a model's weights with fewer bits, so that it needs less memory.",
    ),
]
