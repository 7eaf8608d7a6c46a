"""The parts of the Draw page. Read `app.py` first.

sketchpad.py is the canvas with its buttons, canvas_message.py what it sends, canvas_script.py what it does beyond its
own, strokes_history.py undo and redo, kept_drawing.py what outlives a reload. live_answer.py reads, while the pen moves
as after a stroke; live_reading.py is the bars, with the script that sends pictures, live_picture.py such a picture,
live_pace.py how often they come. answer.py puts a reading into words, announce.py tells them to screen readers,
steps.py shows what the network sees. page_state.py names the state and the widgets of the page.
"""
