"""Trainings as folders on disk: started, followed, controlled and resumed by processes that share nothing else.

folder.py is one run; curves_file.py its curves; slots.py the queue for the
processor; worker.py the process that trains; store.py all runs of a computer, and who may touch which.
"""
