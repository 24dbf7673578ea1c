"""OAI-PMH 2.0 (http://www.openarchives.org/OAI/2.0/): requests read, tokens signed, answers written. No database here."""
