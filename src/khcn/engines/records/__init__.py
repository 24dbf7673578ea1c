"""Descriptions of works in the forms that other libraries and tools read. Pure values, no Django, no clock."""
