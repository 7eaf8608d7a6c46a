"""What pages are made of. Read frame.py first: every page begins with it.

Each folder holds the parts of one page, and names that page's state and widgets in its page_state.py. The files here
serve several pages: session.py and shared_state.py are what is kept of a visitor, visitor.py is the cookie;
network_choice.py and own_networks.py choose a network, datasets.py and own_datasets.py a dataset, class_choice.py one
of its classes; drawing.py, pictures.py, charts.py, confusion_chart.py and
course_strip.py show things; course.py is what a strip shows, answers.py names what a network can answer, words.py puts
numbers into words.
"""
