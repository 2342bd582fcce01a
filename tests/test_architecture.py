"""The house rules that a program can check: layers, sizes, empty inits, one reader of the environment, no mocks."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "assistant"

ROWS = (
    {"errors"},
    {"knowledge", "facts"},
    {"settings", "phrases", "ports", "database"},
    {"conversation"},
    {"events"},
    {"understanding"},
    {"decision"},
    {"retrieval"},
    {"reply", "voice"},
    {"transcript"},
    {"handoff", "ingestion"},
    {"engines", "flows"},
    {"server"},
    {"commands"},
    {"__main__"},
)
"""Low to high: a module imports its own package and lower rows, nothing else."""

LEVEL = {name: level for level, row in enumerate(ROWS) for name in row}
ALLOWED_INSIDE_FUNCTIONS = "engines"
MOST_LINES, MOST_FUNCTION_LINES = 300, 60
NOT_CODE = {"migrations"}

MODULES = sorted(p for p in PACKAGE.rglob("*.py") if NOT_CODE.isdisjoint(p.relative_to(PACKAGE).parts))


def unit(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(tree: ast.AST) -> list[tuple[ast.stmt, str]]:
    found: list[tuple[ast.stmt, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            found.append((node, node.module or ""))
        elif isinstance(node, ast.Import):
            found += [(node, alias.name) for alias in node.names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_its_own_package_and_lower_rows_only(path: Path) -> None:
    own = unit(path)
    if own == "__init__":
        return
    assert own in LEVEL, f"{own} has no place in the house"
    for node, module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        if not module.startswith("assistant"):
            continue
        other = module.split(".")[1] if "." in module else module
        assert other == own or LEVEL[other] < LEVEL[own], f"line {node.lineno}: {own} may not import {module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or node.lineno) - node.lineno < MOST_FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_inside_functions_are_for_heavy_libraries_of_engines_only(path: Path) -> None:
    if unit(path) == ALLOWED_INSIDE_FUNCTIONS:
        return
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
            assert not inside, f"{function.name}: import at line {inside}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_opens_with_what_it_owns(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name == "__init__.py":
        assert not text.strip(), "an __init__ is empty: one import path per name"
    else:
        assert ast.get_docstring(ast.parse(text))


def test_only_the_settings_read_the_environment() -> None:
    readers = [p.relative_to(ROOT).as_posix() for p in MODULES
               if any(isinstance(n, ast.Attribute) and n.attr in ("environ", "getenv")
                      for n in ast.walk(ast.parse(p.read_text(encoding="utf-8"))))]
    # __main__ hands os.environ to load_settings; the converters' child process gets PATH and the like passed on.
    assert set(readers) <= {"assistant/__main__.py", "assistant/ingestion/child.py"}, readers


def test_no_folder_is_called_utils() -> None:
    names = {p.name for p in PACKAGE.rglob("*") if p.is_dir()} | {p.stem for p in MODULES}
    assert names.isdisjoint({"utils", "common", "core", "helpers", "misc"})


def test_tests_do_not_mock_our_own_code() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        for _, module in imports(ast.parse(path.read_text(encoding="utf-8"))):
            assert module not in ("unittest.mock", "mock", "pytest_mock"), path


def test_the_top_level_stays_fixed() -> None:
    allowed = {"pyproject.toml", "assistant", "knowledge", "web", "tests", "README.md", "LICENSE", "NOTICE", "docs",
               ".ci", ".git", ".gitignore"}
    tracked = {p.name for p in ROOT.iterdir() if not p.name.startswith(".") or p.name in allowed}
    generated = {"dist", "build", "omotenashi.egg-info"}
    assert tracked - generated <= allowed, tracked - allowed
