"""The parts of the Teach page. Read `my_view.py` first: it is what one person sees.

my_drawings.py is the grid of the visitor's drawings, chosen_drawing.py the one that was clicked, drawings_files.py
takes them away and brings them back, labels.py is how labels are shown, label_keys.py the keys that give a drawing one.
teach_panel.py teaches: lessons.py starts the run and finds it again, measures.py reads before and after, contrary.py
shows labels that contradict the network, taught_network.py is what the lesson leaves. why_changed.py explains one
drawing before and after, help_curve.py is the curve of how many drawings help how much.
A class: class_view.py is its page, class_counts.py who has given how many of what, class_lesson.py teaches a network
with them.

page_state.py names the state and the widgets of the page.
"""
