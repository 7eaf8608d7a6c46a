"""Whole numbers on the Draw page. Read `number_page.py` first.

It has the two ways to bring a number: drawn on a wide canvas, or as a picture from a file, the clipboard or the camera
(picture_source.py). number_answer.py shows what was read, and the cuts that were considered; say_digits.py keeps a
digit that was misread. page_state.py names the state and the widgets.
"""
