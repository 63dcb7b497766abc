"""A change record as one HTML page that loads nothing, such that nothing that a machine said becomes markup."""

from collections.abc import Iterable
from html import escape

from fleet.deployments.change_record_blocks import Block, Facts, Grid, Heading, Points, Verbatim, Words
from fleet.hostile import clean

# No script, no image, no request, even if an escape were missing somewhere.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1b1b1b; }
h2 { border-bottom: 1px solid #bbb; margin-top: 2.2rem; } h3 { margin-bottom: .3rem; }
table { border-collapse: collapse; margin: .6rem 0; } th, td { border: 1px solid #bbb; padding: .25rem .55rem;
text-align: left; vertical-align: top; overflow-wrap: anywhere; } thead th { background: #eee; }
pre { background: #f4f4f4; border: 1px solid #ddd; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } h2 { break-after: avoid; }
tr { break-inside: avoid; } }
"""


def write_html(title: str, blocks: Iterable[Block]) -> str:
    """The blocks as a page with its style in it."""
    return write_page(title, map(write_block, blocks))


def write_page(title: str, parts: Iterable[str], style: str = "") -> str:
    """A page of ``parts``, which are HTML, with a ``style`` beside that of all pages; empty parts are left away."""
    body = "\n".join(filter(None, parts))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def write_block(block: Block) -> str:
    """One block as HTML; empty where it says nothing."""
    match block:
        case Heading(level, text):
            return f"<h{level}>{_text(text)}</h{level}>"
        case Facts(entries):
            rows = (
                f'<tr><th scope="row">{_text(name)}</th><td>{_text(said)}</td></tr>' for name, said in entries if said
            )
            return f"<table>\n{_lines(rows)}</table>"
        case Grid(headers, rows):
            head = "".join(f'<th scope="col">{_text(header)}</th>' for header in headers)
            body = (f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows)
            return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{_lines(body)}</tbody>\n</table>"
        case Points(lines):
            return f"<ul>\n{_lines(f'<li>{_text(line)}</li>' for line in lines)}</ul>"
        case Words(text):
            return f"<p>{_text(text)}</p>"
        case Verbatim():
            return "<pre>" + escape("\n".join(block.lines)) + "</pre>"


def _text(text: str) -> str:
    return escape(clean(text))


def _lines(parts: Iterable[str]) -> str:
    return "".join(f"{part}\n" for part in parts)
