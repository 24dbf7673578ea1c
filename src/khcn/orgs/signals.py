"""Sign-ins are heard here and written to the audit trail."""
