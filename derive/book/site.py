"""From pages to a site: staging, MkDocs, and a swap, so that a build that dies leaves the old site as it was."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path, PurePosixPath

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException
from mkdocs.livereload import LiveReloadServer

from derive import resources
from derive.book import hook
from derive.errors import DeriveError

MATHJAX_PACKAGE = "django-static-mathjax"  # MathJax's own files, unchanged; nothing of Django is used
MATHJAX_FOLDER = "assets/mathjax"
MATHJAX_FILES = (
    "tex-chtml.js",  # LaTeX in, HTML with fonts out, with the menu and MathML for screen readers
    "input/tex/extensions/*.js",
    "output/chtml/fonts/woff-v2/*.woff",
)
SECTION_TITLES = {"cells": "Networks"}

Pages = Mapping[str, str]
"""Markdown by its path within the site, in the order in which a reader should find it."""


def build_site(pages: Pages, out: Path, *, config: Path, strict: bool = True) -> tuple[str, ...]:
    """Build the site into `out`, which is replaced as a whole or not touched; return MkDocs' warnings.

    With `strict` a warning stops the build.
    """
    out = out.resolve()
    require_replaceable(out)
    with _workshop(out) as work:
        write_staging(pages, work / "docs")
        with _collected_warnings() as warnings:
            try:
                build(_config(config, pages, work, strict=strict))
            except MkDocsException as error:
                raise DeriveError("\n".join([f"the site was not built: {error}", *warnings])) from error
        _swap(work / "site", out, old=work / "old")
    return tuple(warnings)


def serve_site(
    make_pages: Callable[[], Pages],
    *,
    config: Path,
    watch: Iterable[Path] = (),
    host: str = "127.0.0.1",
    port: int = 8000,
) -> None:
    """Show the site in a browser until interrupted, and make it again when a shipped or a watched file changes."""
    with tempfile.TemporaryDirectory(prefix="derive-") as folder, _log_to_terminal():
        work = Path(folder).resolve()

        def rebuild() -> None:
            try:
                pages = make_pages()
            except DeriveError as error:  # MkDocs shows an Abort without a traceback and goes on watching
                raise Abort(str(error)) from error
            write_staging(pages, work / "docs")
            build(_config(config, pages, work, strict=False), serve_url=server.url)

        server = LiveReloadServer(rebuild, host, port, root=str(work / "site"))
        for path in (resources.templates(), resources.site(), config, *watch):
            server.watch(str(path))
        try:
            rebuild()
            server.serve()
        except KeyboardInterrupt:
            pass
        except Abort as error:
            raise DeriveError(f"the site was not built: {error}") from error
        except OSError as error:
            raise DeriveError(f"the site cannot be shown at {server.url}: {error}", hint="another port") from error
        finally:
            server.shutdown()


def write_staging(pages: Pages, staging: Path) -> None:
    """Put hand-written files, generated pages and MathJax into the folder `staging`, replacing it as a whole."""
    staging = staging.resolve()
    with _workshop(staging) as work:
        new = work / "new"
        _copy(resources.site(), ("**/*",), new)
        mathjax = _mathjax()
        _copy(mathjax / "es5", MATHJAX_FILES, new / MATHJAX_FOLDER)
        _copy(mathjax, ("LICENSE",), new / MATHJAX_FOLDER)
        for name, text in pages.items():
            target = new / _inside(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        _swap(new, staging, old=work / "old")


def navigation(pages: Iterable[str]) -> list[object]:
    """MkDocs' `nav` in the order of `pages`; a folder is a section and stands where its first page does."""
    sections: dict[str, list[str]] = {}
    for name in pages:
        sections.setdefault(name.rpartition("/")[0] or name, []).append(name)
    return [
        key if key in names else {SECTION_TITLES.get(key, key.capitalize()): names} for key, names in sections.items()
    ]


def _config(config: Path, pages: Pages, work: Path, *, strict: bool) -> MkDocsConfig:
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # the theme's banner about a version that we do not use
    written = sorted(path.relative_to(work / "docs").as_posix() for path in (work / "docs").rglob("*.md"))
    return load_config(
        str(config),
        docs_dir=str(work / "docs"),
        site_dir=str(work / "site"),
        nav=navigation([*pages, *(name for name in written if name not in pages)]),
        hooks=[hook.__file__],  # in a wheel the configuration does not lie beside the package
        strict=strict,
    )


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.suffix != ".md":
        raise ValueError(f"a page is a .md file within the site: {name!r}")
    return path


def _mathjax() -> Path:
    try:
        return Path(str(metadata.distribution(MATHJAX_PACKAGE).locate_file("mathjax/static/mathjax")))
    except metadata.PackageNotFoundError:
        raise DeriveError(
            f"the package {MATHJAX_PACKAGE} is not installed; it has the files that typeset formulas",
            hint=f"pip install {MATHJAX_PACKAGE}",
        ) from None


def _copy(source: Path, patterns: Iterable[str], target: Path) -> None:
    """Copy the files under `source` that match, without their permissions: an installed package may be read-only."""
    for pattern in patterns:
        for file in filter(Path.is_file, source.glob(pattern)):
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def require_replaceable(out: Path) -> None:
    """Refuse to replace anything but a folder that is empty or holds a site built here."""
    if not out.exists() or (out.is_dir() and (not any(out.iterdir()) or (out / MATHJAX_FOLDER).is_dir())):
        return
    raise DeriveError(f"{out} is not empty and not a site built by derive", hint="name another folder, or remove it")


@contextmanager
def _workshop(target: Path) -> Iterator[Path]:
    """A folder to work in, beside `target` and so on the same disk; removed at the end, as are those of killed builds.

    Its name ends with the number of the process that works there.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}.building-"
    for left in target.parent.iterdir():
        if left.name.startswith(prefix) and not _is_running(left.name.rpartition("-")[2]):
            if (left / "old").exists() and not target.exists():  # killed in the middle of a swap
                (left / "old").rename(target)
            shutil.rmtree(left)
    work = Path(tempfile.mkdtemp(prefix=prefix, suffix=f"-{os.getpid()}", dir=target.parent))
    try:
        yield work
    finally:
        shutil.rmtree(work)


def _is_running(process: str) -> bool:
    if os.name != "posix":  # elsewhere signal 0 is not a harmless question
        return True
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:  # it runs, and belongs to somebody else
        return True
    return True


def _swap(new: Path, target: Path, *, old: Path) -> None:
    """Put `new` in the place of `target`, and what was there at `old`."""
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


class _Collector(logging.Handler):
    """Keeps the text of each warning."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def _collected_warnings() -> Iterator[list[str]]:
    collector = _Collector()
    with _handler(collector):
        yield collector.messages


@contextmanager
def _log_to_terminal() -> Iterator[None]:
    log = logging.getLogger("mkdocs")
    level = log.level
    log.setLevel(logging.INFO)
    try:
        with _handler(logging.StreamHandler()):
            yield
    finally:
        log.setLevel(level)


@contextmanager
def _handler(handler: logging.Handler) -> Iterator[None]:
    log = logging.getLogger("mkdocs")
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
