"""The teacher's pages as PDF, for the printer."""

from pathlib import Path

import matplotlib
from fpdf import FPDF, FontFace

FONT = "DejaVu"
FACES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf", "I": "DejaVuSans-Oblique.ttf"}
"""Matplotlib's own fonts: those that every PDF has know neither "×" nor a dash."""
SIZE = 9
HEADINGS = {"h1": 15, "h2": 11}


def write_pdf(path: Path, bodies: list[str]) -> None:
    """Write a file with one page, or more if it is long, for each body of `sheets.py`. Raises OSError."""
    pdf = FPDF(format="A4")
    pdf.set_margins(18, 16)
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for style, file in FACES.items():
        pdf.add_font(FONT, style, folder / file)
    styles = {tag: FontFace(FONT, "B", size, color=0) for tag, size in HEADINGS.items()}
    for body in bodies:
        pdf.add_page()
        pdf.set_font(FONT, size=SIZE)
        pdf.write_html(body, font_family=FONT, tag_styles=styles)
    path.write_bytes(bytes(pdf.output()))
