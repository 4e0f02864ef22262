"""Pictures: functions that turn plain data into SVG, without state and without queries."""
