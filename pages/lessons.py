"""The Lessons page: ten lessons that carry a class through, in the order predict, try, explain."""

from pages.components.lessons.lesson_page import lessons_page

lessons_page()
