"""`extract.py README FOLDER`: writes every fenced block that follows a line **`file`** to that file, and prints the names.

So the code that a README shows can be built: what is shown is what is compiled.
"""
import pathlib
import re
import sys


def main(readme, folder):
    text = pathlib.Path(readme).read_text(encoding="utf-8")
    found = re.findall(r"^\*\*`([\w.]+)`\*\*[^\n]*\n+```\w+\n(.*?)^```$", text, re.M | re.S)
    if not found:
        print(f"{readme}: no fenced block follows a line with a file's name", file=sys.stderr)
        return 1
    for name, code in found:
        (pathlib.Path(folder) / name).write_text(code, encoding="utf-8")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
