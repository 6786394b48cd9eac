"""What the model knows of Python by heart: subjects with a short, correct answer."""

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
]
