"""Key figures of a PV system and of a site, after IEC 61724-1, on numpy arrays.

Every figure keeps what it was computed from (inputs, versions, completeness, definition), so a reader can tell a
measured performance ratio from one "against modelled irradiation", and a corrected one from an uncorrected one.
"""
