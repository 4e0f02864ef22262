"""Pictures made by the server: functions that turn plain data into SVG; they keep no state and ask nobody."""
