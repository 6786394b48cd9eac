"""Kinds of file as people name them: by extension, by language, by what the extension stands for."""

from __future__ import annotations

import string

from codemode_tui.bundled.recipe.source import Source

_KINDS = """
py: Python files, Python scripts, Python sources, Python source files, python code files
md: Markdown files, Markdown documents, Markdown notes, Markdown pages
txt: text files, plain text files, txt documents
json: JSON files, JSON documents, json data files
csv: CSV files, CSV tables, csv exports, comma separated files
log: log files, logs, logfiles
js: JavaScript files, Javascript sources, JavaScript source files
ts: TypeScript files, Typescript sources, TypeScript source files
tsx: TSX files, tsx components
jsx: JSX files, jsx components
html: HTML files, HTML pages, web pages
css: CSS files, style sheets, stylesheets
scss: SCSS files, Sass files
toml: TOML files, toml configs
yaml: YAML files, YAML documents, yaml configs
yml: yml files
ini: INI files, ini configs
cfg: cfg files
conf: conf files
rs: Rust files, Rust sources, Rust source files
go: Go files, Go sources, Go source files, golang files
java: Java files, Java sources, Java classes
kt: Kotlin files, Kotlin sources
c: C files, C sources, C source files
h: header files, C headers
cpp: C++ files, C++ sources
hpp: hpp headers
cs: C# files, C sharp files
rb: Ruby files, Ruby scripts
php: PHP files, PHP scripts
pl: Perl files, Perl scripts
lua: Lua files, Lua scripts
swift: Swift files, Swift sources
scala: Scala files
hs: Haskell files
ex: Elixir files
erl: Erlang files
clj: Clojure files
dart: Dart files
jl: Julia files
r: R files, R scripts
sh: shell scripts, shell files, bash scripts
bat: batch files
ps1: PowerShell scripts
sql: SQL files, SQL scripts, sql queries
xml: XML files, XML documents
svg: SVG files, SVG images, vector images
png: PNG files, PNG images, png pictures
jpg: JPG files, JPG images, JPG photos
jpeg: JPEG files, JPEG photos
gif: GIF files, GIFs
webp: webp images
ico: icon files
pdf: PDF files, PDFs, PDF documents
tex: LaTeX files, TeX files
rst: reStructuredText files, rst documents
ipynb: notebooks, Jupyter notebooks
tsv: TSV files, tab separated files
xlsx: Excel files, Excel sheets, spreadsheets
docx: Word files, Word documents
pptx: PowerPoint files
zip: zip archives, ZIP files
gz: gzip files
tar: tar archives
mp3: MP3 files, mp3 songs
wav: WAV files
mp4: MP4 files, mp4 videos
lock: lock files
bak: backup files
tmp: temporary files, tmp files
dat: dat files, data files ending in .dat
db: db files
proto: proto files, protobuf files
graphql: GraphQL files
vue: Vue files, Vue components
tf: Terraform files
gradle: Gradle files
diff: diff files
patch: patch files
po: po files
srt: subtitle files
ics: ics calendars
eml: eml mails
"""
KINDS: dict[str, tuple[str, ...]] = {}
for _line in _KINDS.strip().splitlines():
    _ending, _, _names = _line.partition(": ")
    KINDS[_ending] = tuple(_names.split(", "))
COMMON = ("py", "md", "txt", "json", "csv", "log", "js", "html", "toml", "yaml", "ts", "rs", "go", "sh", "sql", "css")
GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "image": (("png", "jpg", "jpeg", "gif"), ("image files", "images", "pictures", "photos", "picture files")),
    "YAML": (("yml", "yaml"), ("YAML files, both .yml and .yaml", ".yml and .yaml files", "yml or yaml files")),
    "C": (("c", "h"), ("C sources and headers", ".c and .h files")),
    "web": (("html", "css", "js"), ("HTML, CSS and JavaScript files", ".html, .css and .js files")),
    "config": (("toml", "yaml", "yml", "ini", "cfg"), ("config files", "configuration files", "settings files")),
    "audio": (("mp3", "wav", "ogg"), ("audio files", "sound files", "music files")),
    "video": (("mp4", "mov", "avi"), ("video files", "videos", "films")),
}


def some_extension(r: Source) -> str:
    """An extension: often a common one, often a rare one, now and then one that nobody knows."""
    chance = r.random()
    if chance < 0.45:
        return r.choice(COMMON)
    if chance < 0.88:
        return r.choice(sorted(KINDS))
    return "".join(r.choices(string.ascii_lowercase, k=r.randint(2, 4)))


def plural(r: Source, ending: str) -> str:
    """Files of one extension, as people call them."""
    if ending in KINDS and r.random() < 0.45:
        name = r.choice(KINDS[ending])
        return name.lower() if r.random() < 0.3 and ending not in "crh" else name
    e = ending
    ways = (
        f".{e} files",
        f".{e} files",
        f".{e} files",
        f"{e} files",
        f"{e} files",
        f"{e.upper()} files",
        f"*.{e} files",
        f"*.{e}",
        f"files ending in .{e}",
        f"files that end in .{e}",
        f"files that end with .{e}",
        f"files ending with {e}",
        f"files with the extension .{e}",
        f"files with the extension {e}",
        f"files with extension {e}",
        f"files with the ending .{e}",
        f"files whose extension is {e}",
        f"files of type {e}",
        f"files with a .{e} extension",
        f"files that have the suffix .{e}",
        f"documents with the ending .{e}",
        f".{e} documents",
    )
    return r.choice(ways)


def singular(r: Source, ending: str) -> str:
    """One file of an extension, without an article."""
    if ending in KINDS and r.random() < 0.35:
        name = r.choice(KINDS[ending][:1])
        if name.endswith(" files"):
            return name[:-1]
    return r.choice((f".{ending} file", f".{ending} file", f"{ending} file", f"file ending in .{ending}"))
