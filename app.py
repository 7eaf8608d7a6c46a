"""Digit Lab: what `streamlit run app.py` starts, and the first page, on which one draws.

Streamlit reads this file twice: once as a module, for the server, and as the main program whenever somebody opens the
page.
"""

if __name__ == "__main__":
    from pages.components.draw.draw_page import draw_page

    draw_page()
else:
    import streamlit as st
    from starlette.formparsers import MultiPartParser
    from streamlit.starlette import App

    from pages.components.draw.live_route import routes

    # Starlette writes files of over a megabyte to disk while they come in. Nothing that visitors bring may be there.
    MultiPartParser.spool_max_size = (int(st.get_option("server.maxUploadSize")) + 1) * 1024**2
    app = App(__file__, routes=routes())
