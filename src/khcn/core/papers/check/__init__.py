"""Checking any DOCX against Decree 30/2020/NĐ-CP: opening, reading, finding the parts, judging them by rule."""
