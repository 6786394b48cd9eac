"""What the model knows by heart: subjects with a short, correct answer. Never more than it can keep."""

from __future__ import annotations

NOUNS: list[tuple[str, str]] = [
    (
        "a decorator|decorators|a Python decorator",
        "A decorator is a function that takes a function and returns a new one, usually wrapping it. You apply it with @name above the def.",
    ),
    (
        "a generator|generators|a generator function",
        "A generator is a function with yield. It produces values one at a time, only when they are asked for.",
    ),
    (
        "an iterator|iterators",
        "An iterator gives one value after another through next() and raises StopIteration at its end.",
    ),
    (
        "a list comprehension|list comprehensions",
        "A list comprehension builds a list in one expression, such as [x * 2 for x in items if x > 0].",
    ),
    (
        "a dictionary|a dict|dictionaries|a Python dict",
        "A dictionary maps keys to values. You write it {key: value} and look a value up with d[key].",
    ),
    ("a tuple|tuples", "A tuple is an ordered collection that cannot be changed, such as (1, 2)."),
    ("a set|sets|a Python set", "A set is an unordered collection without duplicates, such as {1, 2, 3}."),
    ("a list|lists|a Python list", "A list is an ordered collection that can be changed, such as [1, 2, 3]."),
    (
        "a string|strings|a str",
        "A string is text. It cannot be changed; methods such as upper() return a new string.",
    ),
    (
        "a lambda|lambda|lambda functions|a lambda function",
        "A lambda is a small function without a name, written as one expression: lambda x: x + 1.",
    ),
    (
        "a class|classes|a Python class",
        "A class describes a kind of object: its data and its methods. Calling it creates an instance.",
    ),
    (
        "an instance|an object|objects",
        "An object is an instance of a class. It has its own data and the methods of the class.",
    ),
    (
        "inheritance|class inheritance",
        "Inheritance lets a class take over the methods of another class and change or extend them.",
    ),
    ("polymorphism", "Polymorphism means that different types answer the same call, each in its own way."),
    (
        "encapsulation",
        "Encapsulation means keeping data behind methods, so that others depend on what a class does and not on how.",
    ),
    (
        "recursion|a recursive function",
        "Recursion is when a function calls itself on a smaller problem, until a base case ends it.",
    ),
    (
        "a closure|closures",
        "A closure is a function that remembers variables of the function it was defined in.",
    ),
    (
        "a context manager|context managers|the with statement",
        "A context manager sets something up and cleans it up again. You use it with the with statement, such as with open(path) as f.",
    ),
    (
        "an exception|exceptions",
        "An exception signals an error. You raise it with raise and handle it with try and except.",
    ),
    (
        "try except|try and except|a try block",
        "try runs code that may fail; except handles the error; finally runs in any case.",
    ),
    ("a module|modules|a Python module", "A module is a file of Python code that other code can import."),
    ("a package|packages|a Python package", "A package is a folder of modules that can be imported by name."),
    (
        "a virtual environment|venv|virtual environments",
        "A virtual environment is a folder with its own Python packages, so that projects do not disturb each other. Make one with python -m venv.",
    ),
    ("pip", "pip installs Python packages, for example pip install requests."),
    (
        "self|self in Python",
        "self is the instance that a method was called on. It is the first parameter of every normal method.",
    ),
    (
        "__init__|the __init__ method|a constructor",
        "__init__ sets up a new instance. Python calls it when you call the class.",
    ),
    (
        "a static method|staticmethod|@staticmethod",
        "A static method belongs to a class but gets neither the instance nor the class. You mark it with @staticmethod.",
    ),
    (
        "a class method|classmethod|@classmethod",
        "A class method gets the class as its first argument. You mark it with @classmethod; it often serves as another constructor.",
    ),
    (
        "a property|properties|@property",
        "A property is a method that is read like an attribute. You mark it with @property.",
    ),
    (
        "a dataclass|dataclasses|@dataclass",
        "A dataclass writes __init__, __repr__ and __eq__ for you from the fields of the class.",
    ),
    (
        "an abstract class|abstract classes|an ABC",
        "An abstract class names methods that its subclasses must write. It cannot be instantiated itself.",
    ),
    ("a metaclass|metaclasses", "A metaclass is the class of a class. It decides how classes are made."),
    ("duck typing", "Duck typing means that what an object can do counts, not which class it has."),
    (
        "a type hint|type hints|type annotations",
        "A type hint says which type a variable or parameter should have. Checkers such as mypy read it; Python itself does not enforce it.",
    ),
    ("an f-string|f-strings|fstrings", 'An f-string puts values into text: f"{name} is {age}".'),
    ("slicing|a slice|list slicing", "Slicing takes a part of a sequence: items[start:stop:step]."),
    ("unpacking|tuple unpacking", "Unpacking assigns several values at once: a, b = 1, 2."),
    (
        "*args and **kwargs|*args|**kwargs|args and kwargs",
        "*args collects extra positional arguments in a tuple, **kwargs extra named ones in a dict.",
    ),
    (
        "a global variable|global variables|the global keyword",
        "A global variable lives at module level. global lets a function assign to it.",
    ),
    (
        "scope|variable scope",
        "Scope is the part of a program where a name is known. Python looks in local, enclosing, global and built-in scope.",
    ),
    (
        "mutability|a mutable object|mutable and immutable",
        "A mutable object can be changed in place, such as a list. An immutable one cannot, such as a string or tuple.",
    ),
    ("None|the None value", "None means that there is no value. A function without return gives None."),
    ("a boolean|booleans|bool", "A boolean is True or False."),
    (
        "a float|floats",
        "A float is a number with a decimal point, stored in 64 bits and therefore not always exact.",
    ),
    (
        "an integer|integers|int",
        "An integer is a whole number. In Python it can be as large as memory allows.",
    ),
    (
        "the GIL|the global interpreter lock|GIL",
        "The GIL lets only one thread run Python code at a time. Threads still help when they wait for input or output.",
    ),
    (
        "asyncio|async and await|async|async programming",
        "asyncio runs many waiting tasks in one thread. async def makes a coroutine and await waits for one.",
    ),
    (
        "a coroutine|coroutines",
        "A coroutine is a function made with async def. It can pause at await and go on later.",
    ),
    (
        "a thread|threads|threading",
        "A thread runs code beside other code in the same process, sharing its memory.",
    ),
    (
        "a process|multiprocessing",
        "A process has its own memory. multiprocessing runs Python code on several cores.",
    ),
    ("a deadlock|deadlocks", "A deadlock is when two tasks wait for each other and neither can go on."),
    (
        "a race condition|race conditions",
        "A race condition is a bug where the result depends on which task comes first.",
    ),
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

HOW: list[tuple[str, str]] = [
    ("open a file|read a file", "Use with open(path) as f: and then f.read() or a loop over f."),
    ("write a file|write to a file", 'Use with open(path, "w") as f: and then f.write(text).'),
    (
        "sort a list",
        "sorted(items) returns a new sorted list, items.sort() sorts in place. key= and reverse=True change the order.",
    ),
    ("reverse a list|reverse a string", "Use [::-1], or reversed() for an iterator."),
    (
        "remove duplicates from a list|remove duplicates",
        "list(dict.fromkeys(items)) removes duplicates and keeps the order.",
    ),
    ("merge two dicts|merge dictionaries|join two dictionaries", "Use a | b; values of b win."),
    ("loop over a dictionary|iterate over a dict", "Use for key, value in d.items():."),
    (
        "catch an exception|handle an error|handle exceptions",
        "Put the code into try: and handle the error in except ValueError as error:, naming the type you expect.",
    ),
    ("raise an exception|raise an error", 'Use raise ValueError("what is wrong").'),
    ("install a package|install packages", "Use pip install NAME, best inside a virtual environment."),
    (
        "create a virtual environment|make a venv",
        "Run python -m venv .venv and then source .venv/bin/activate.",
    ),
    ("parse JSON|read JSON|load JSON", "Use json.loads(text) for text and json.load(file) for an open file."),
    ("split a string", 'Use text.split(","); without an argument it splits at white space.'),
    ("join strings|join a list of strings", 'Use ", ".join(items).'),
    (
        "convert a string to an int|convert a string to a number",
        "Use int(text), or float(text) for decimals.",
    ),
    (
        "check the type of a variable|check a type",
        "Use isinstance(value, str) to check and type(value) to see the type.",
    ),
    (
        "define a function|write a function",
        "Use def name(arguments): and an indented body; return gives the result.",
    ),
    ("define a class|write a class", "Use class Name: with an __init__ method that sets up the instance."),
    (
        "write a decorator|make a decorator",
        "Write a function that takes a function, defines a wrapper inside and returns the wrapper.",
    ),
    (
        "write a unit test|test a function",
        "Write a function test_something() with assert, in a file test_*.py, and run pytest.",
    ),
    (
        "undo a commit|undo the last commit",
        "git reset --soft HEAD~1 takes back the last commit and keeps its changes.",
    ),
    ("create a branch|make a git branch", "Use git switch -c NAME."),
    ("format a number|round a number", 'Use round(x, 2) to round, or f"{x:.2f}" to show two decimals.'),
    ("measure time|time my code", "Use time.perf_counter() before and after, or python -m timeit."),
    ("debug Python|debug my code", "Put breakpoint() where you want to stop, or print the values you doubt."),
]

BUILTINS: list[tuple[str, str]] = [
    (
        "open()",
        "open(path, mode) opens a file and returns a file object. Use it in a with statement so that it is closed.",
    ),
    ("print()", "print(value) writes a value and a newline to standard output."),
    ("len()", "len(x) returns how many items x has."),
    ("range()", "range(n) gives the numbers from 0 to n - 1."),
    ("enumerate()", "enumerate(items) gives pairs of index and item."),
    ("zip()", "zip(a, b) gives pairs of items of a and b."),
    ("map()", "map(f, items) applies f to each item."),
    ("filter()", "filter(f, items) keeps the items for which f is true."),
    ("sorted()", "sorted(items) returns a new sorted list."),
    ("sum()", "sum(items) adds up numbers."),
    ("input()", "input(prompt) asks the user for a line of text."),
    ("isinstance()", "isinstance(x, T) tells whether x is of type T."),
    ("super()", "super() gives access to the methods of the parent class."),
    ("yield", "yield hands a value out of a generator and pauses it until the next one is wanted."),
    ("return", "return ends a function and gives back a value."),
    ("pass", "pass does nothing; it fills a block that must not be empty."),
    ("break", "break ends the innermost loop."),
    ("continue", "continue goes on with the next round of the loop."),
    ("assert", "assert condition raises AssertionError when the condition is false."),
    ("import", "import makes a module available under its name."),
    ("git status", "git status shows which files have changed and what will be in the next commit."),
    ("git log", "git log shows the history of commits."),
    ("git diff", "git diff shows what has changed, line by line."),
    ("grep", "grep prints the lines of files that match a pattern."),
    ("cat", "cat prints files."),
    ("ls", "ls lists the files of a folder."),
    ("read_file", "read_file(path) is my tool for reading a file of the workspace."),
    ("write_file", "write_file(path, content) is my tool for writing a file; you are asked first."),
    ("list_directory", "list_directory(path) is my tool that returns the names in a folder."),
    ("glob_files", "glob_files(pattern) is my tool that finds files by a pattern such as **/*.py."),
    ("search_files", "search_files(pattern) is my tool that finds lines in files by a regular expression."),
    ("run_command", "run_command(command) is my tool that runs a program in the sandbox."),
]

VERSUS: list[tuple[str, str, str]] = [
    ("a list", "a tuple", "A list can be changed, a tuple cannot."),
    ("a list", "a set", "A list keeps order and duplicates, a set keeps neither."),
    ("==", "is", "== compares values, is checks for the very same object."),
    ("append", "extend", "append adds one item, extend adds all items of another collection."),
    ("a module", "a package", "A module is one file, a package is a folder of modules."),
    ("a class", "an object", "A class is the plan, an object is one thing made from it."),
    ("a function", "a method", "A method is a function that belongs to a class and gets self."),
    ("a thread", "a process", "Threads share memory, processes do not."),
    (
        "staticmethod",
        "classmethod",
        "A class method gets the class as its first argument, a static method gets nothing.",
    ),
    ("return", "yield", "return ends a function, yield pauses a generator."),
    ("git merge", "git rebase", "merge joins two histories, rebase moves your commits on top of the other."),
    ("git fetch", "git pull", "fetch downloads changes, pull also merges them."),
    (
        "read_file",
        "open",
        "read_file is my tool for workspace files; open is Python's own, and works here for simple cases.",
    ),
    (
        "a compiler",
        "an interpreter",
        "A compiler translates a program before it runs, an interpreter runs it directly.",
    ),
    ("sort", "sorted", "sort changes the list in place, sorted returns a new list."),
    ("JSON", "CSV", "JSON holds nested data, CSV holds one flat table."),
    ("a stack", "a queue", "A stack is last in, first out; a queue is first in, first out."),
    ("shallow copy", "deep copy", "A shallow copy shares the inner objects, a deep copy copies them too."),
]
