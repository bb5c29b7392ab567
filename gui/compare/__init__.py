"""The chosen runs compared: values, differences, pictures."""
