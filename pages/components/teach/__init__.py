"""The parts of the Teach page. Read `my_view.py` first: it is what one person sees.

my_drawings.py is the grid of the visitor's drawings, chosen_drawing.py the one that was clicked, drawings_files.py
takes them away and brings them back, labels.py is how labels are shown.

page_state.py names the state and the widgets of the page.
"""
