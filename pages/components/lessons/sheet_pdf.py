"""The teacher's pages as PDF, for the printer."""

from pathlib import Path

import matplotlib
from fpdf import FPDF, FontFace, TextStyle

FONT = "DejaVu"
FACES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf", "I": "DejaVuSans-Oblique.ttf"}
"""Matplotlib's own fonts: those that every PDF has know neither "×" nor a dash."""
SIZE = 9
BLACK = (0, 0, 0)
HEADINGS = {"h1": 15, "h2": 11}
LEADING = 1.2
"""The height of a line, in sizes of its letters."""


def write_pdf(path: Path, bodies: list[str]) -> None:
    """Write a file with one page, or more if it is long, for each body of `sheets.py`. Raises OSError."""
    pdf = FPDF(format="A4")
    pdf.set_margins(18, 14)
    pdf.set_auto_page_break(True, margin=12)
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for style, file in FACES.items():
        pdf.add_font(FONT, style, folder / file)
    styles: dict[str, FontFace] = {tag: FontFace(FONT, "B", size, color=0) for tag, size in HEADINGS.items()}
    styles |= {"ul": TextStyle(t_margin=0), "li": TextStyle(t_margin=1, l_margin=4)}
    for body in bodies:
        pdf.add_page()
        pdf.set_font(FONT, size=SIZE)
        for tag in ("p", "ul"):
            body = body.replace(f"<{tag}>", f'<{tag} line-height="{LEADING}">')
        pdf.write_html(body, font_family=FONT, tag_styles=styles, li_prefix_color=BLACK)
    path.write_bytes(bytes(pdf.output()))
