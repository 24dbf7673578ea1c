"""Outages told from communication gaps, and the energy they cost.

The idea is that of Anderson & Blumenthal, "Overcoming communications outages in inverter downtime analysis" (IEEE
PVSC 2020): the meter's cumulative counter goes on when data are lost, so it tells a gap in the data from a loss of
production. Siblings say what a missing inverter would have made; expected power, scaled to how the plant does when all
is well, says it when none is left to compare with. The method and the code are this project's own.
"""
