"""Digit Lab: what `streamlit run app.py` starts, and the first page, on which one draws.

Streamlit reads this file twice: once as a module, for the server, and as the main program whenever somebody opens the
page.
"""

if __name__ == "__main__":
    from pages.components.draw.draw_page import draw_page

    draw_page()
else:
    from streamlit.starlette import App

    from pages.components.draw.live_route import routes

    app = App(__file__, routes=routes())
