"""Files of markets: tables for spreadsheets and programs, the monthly report."""
