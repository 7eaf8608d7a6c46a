"""The parts of the Train page. Read `run_desk.py` first: it is the right side of the page, with Start.

On the left, the setting: settings_form.py and network_form.py draw the form, settings_choices.py has its usual values,
settings_state.py brings a preset or the address into it, and training_link.py makes an address of it.
On the right, the runs: run_list.py says which there are and starts new ones; in run_choices.py one is chosen, and
manage_run.py renames, repeats or deletes it; live_run.py shows it while it trains, run_controls.py its buttons,
curves.py its curves (curve_axes.py: on which axes, line_names.py: the names at their ends, curves_spec.py: how they are
drawn), look_inside.py its network, run_results.py and run_figure.py what it leaves; run_table.py lists all.
foreign_network.py asks what the file of another program leaves open.
bring_into_view.py scrolls to a new run on a phone. class_live.py is what a page does for its class, with the teacher's
buttons; board_view.py is the board for the projector, board_chart.py its curves, ranking.py its ranking. What other
pages need of a class, too, is in `classes`.
page_state.py names the state and the widgets of the page; part.py: parts that come and go, at places that stay.
"""
