"""The lessons: from files that a teacher can write to a page that carries a class through. Read `lesson.py` first.

lesson.py is what a lesson is, claim.py what it claims, lesson_file.py reads and checks a file of `docs/lessons`,
glossary.py the words. lesson_page.py is the page: lesson_list.py chooses a lesson, step_view.py shows a step, votes.py
the predictions, class_part.py what a class does together, slide_view.py a step for the projector. sheets.py makes the
teacher's pages, sheet_pdf.py those for the printer; `python -m pages.components.lessons FOLDER` writes them.

page_state.py names the state and the widgets of the page.
"""
