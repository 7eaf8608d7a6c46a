"""The parts of the Draw page. Read `draw_page.py` first.

sketchpad.py is the canvas with its buttons, canvas_message.py what it sends, canvas_script.py what it does beyond its
own, strokes_history.py undo and redo, kept_drawing.py what outlives a reload. answer_texts.py puts a reading into
words, answer.py shows it, say_what_it_is.py has the keys with which it is corrected, pen_strokes.py the points of
strokes that are kept, announce.py tells it to screen readers, steps.py shows what the network sees.

While the pen moves: live_reading.py is the bars, with the script that sends pictures, live_picture.py such a picture,
live_route.py the server's address for them, live_reader.py what reads them, live_pace.py how often they come.

page_state.py names the state and the widgets of the page.
"""
