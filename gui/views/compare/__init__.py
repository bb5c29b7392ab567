"""The pages that compare runs: values, differences, pictures."""
