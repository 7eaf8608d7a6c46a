"""A class on the pages that know one: Train, Lessons, Teach.

seat.py is the visitor's place in the class that the address names; class_box.py the box in which a class is opened or
joined; invitation.py how others come in, class_address.py the address and its picture; member_names.py how members are
called, who_is_there.py whose pages are open; shared_board.py what all sessions share of classes and runs; watchers.py
how often pages look, server_load.py how busy the server is. page_state.py names the state and the widgets.
"""
