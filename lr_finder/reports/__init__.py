"""Reports: a result becomes a summary, figures, a page, and one file.

1. `kinds/`: what a result says, as plain data (`Summary`), and how it is drawn;
2. `pictures.py`: figures become SVG or PNG;
3. `page.py` and `pdf.py`: summary and pictures become HTML or PDF;
4. `report.py`: the file is written whole or not at all.

A new kind of report is a module of `kinds/`, a template, and a line in `report.HOMES`.
"""
