"""Files the program ships: icons, style sheet, desktop entry, metainfo, MIME types."""
