"""What `.airflowignore` files exclude: gitignore patterns, or regular expressions searched.

Each file counts for its folder and everything below it.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

log = logging.getLogger(__name__)

FILE_NAME = ".airflowignore"


@dataclass(frozen=True, slots=True)
class GlobRules:
    """Gitignore patterns, relative to the folder of their file."""

    folder: Path
    spec: GitIgnoreSpec

    def verdict(self, path: Path, *, is_folder: bool) -> bool | None:
        """True: ignored, False: taken back by `!`, None: not mentioned."""
        name = path.relative_to(self.folder).as_posix()
        return self.spec.check_file(f"{name}/" if is_folder else name).include


@dataclass(frozen=True, slots=True)
class RegexpRules:
    """Regular expressions searched in the path below the DAGs folder."""

    root: Path
    patterns: tuple[re.Pattern[str], ...]

    def verdict(self, path: Path, *, is_folder: bool) -> bool | None:
        """True: ignored, None: not mentioned. A folder is tested as a file is."""
        name = path.relative_to(self.root).as_posix()
        return True if any(pattern.search(name) for pattern in self.patterns) else None


Rules = GlobRules | RegexpRules


def read_rules(folder: Path, *, root: Path, syntax: str) -> Rules | None:
    """The rules of the ignore file in `folder`, if it has one; a bad line is logged and left out.

    `syntax` is glob or regexp.
    """
    file = folder / FILE_NAME
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        return None
    lines = [re.sub(r"\s*#.*", "", line).strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    if syntax == "glob":
        return GlobRules(folder, GitIgnoreSpec.from_lines(lines))
    patterns = []
    for line in lines:
        try:
            patterns.append(re.compile(line))
        except re.error as error:
            log.warning("%s: %r is not a regular expression: %s", file, line, error)
    return RegexpRules(root, tuple(patterns))


def is_ignored(path: Path, rules: Sequence[Rules], *, is_folder: bool) -> bool:
    """Whether the innermost rule that mentions `path` excludes it."""
    for rule in reversed(rules):
        verdict = rule.verdict(path, is_folder=is_folder)
        if verdict is not None:
            return verdict
    return False
